/** See {@link INSTANCE_ID}. Digits are kept as text too, because they may exceed 2^53. */
export type InstanceId = string;

const GATEWAY = /^[a-z0-9-]{1,32}$/;

/**
 * Ids of instances: `<gateway>:<external id>`, with a server's name between the two where several servers of a gateway use the same ids,
 * or 1 to 20 digits. They stand in keys, URLs, metric labels and file names as they are, so they hold nothing that any of these would quote.
 */
export const INSTANCE_ID = /^(?:\d{1,20}|[a-z0-9-]{1,32}(?::[\w.+~-]{1,64}){1,2})$/;

export function isInstanceId(text: string): boolean {
  return INSTANCE_ID.test(text);
}

/**
 * The id of a gateway's instance. @param external the gateway's own id, or a server's name and that
 * @returns `undefined` for one that is empty or too long, so that two instances never share an id
 */
export function instanceIdOf(
  gateway: string,
  ...external: readonly [string] | readonly [string, string]
): InstanceId | undefined {
  const id = [gateway, ...external.map(percentCoded)].join(":");
  return GATEWAY.test(gateway) && isInstanceId(id) ? id : undefined;
}

/**
 * An external id with every byte coded that an instance's id has no room for, as URLs do. The sign is `~`, and not `%`, which would have to be
 * coded again in each URL; so `~` itself is coded too, and no two ids become one.
 */
export function percentCoded(external: string): string {
  if (IS_PLAIN.test(external)) return external;
  return external.replace(TO_BE_CODED, (characters) =>
    Array.from(ENCODER.encode(characters), (byte) => `~${byte.toString(16).toUpperCase().padStart(2, "0")}`).join(""),
  );
}

const IS_PLAIN = /^[\w.+-]*$/;
const TO_BE_CODED = /[^\w.+-]+/g;
const ENCODER = new TextEncoder();
