/**
 * Normalise a chat id to the form it is counted under: without the device part (`:N`, `.N`, `_N`, `.N:M` or `_N:M` after a number),
 * `@s.whatsapp.net` as `@c.us`, a person's hosted device as the person, suffix in lower case. `@lid`, `@g.us`, `@newsletter` and
 * `status@broadcast` stay.
 * @returns `undefined` for an empty id
 */
export function normaliseChatId(raw: string): string | undefined {
  // Nearly every id is already normalised, and this runs for each webhook.
  if (/^[\d-]+@(?:c|g)\.us$/.test(raw)) return raw;
  // Half of a surrogate pair cannot be stored: two different ids would become equal.
  const id = raw.trim().toWellFormed();
  if (id === "") return undefined;
  const at = id.lastIndexOf("@");
  if (at === -1) return id;
  const whole = id.slice(0, at);
  const user = /^([\d-]+)[._]\d+(?::\d+)?$/.exec(whole)?.[1] ?? whole.replace(/:\d+$/, "");
  if (user === "") return undefined;
  const server = id.slice(at + 1).toLowerCase();
  return `${user}@${SERVERS.get(server) ?? server}`;
}

/** Aliases of a server. */
const SERVERS: ReadonlyMap<string, string> = new Map([
  ["s.whatsapp.net", "c.us"],
  ["hosted", "c.us"],
  ["hosted.lid", "lid"],
]);
