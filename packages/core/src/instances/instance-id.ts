/** See {@link INSTANCE_ID}. Digits are kept as text too, because they may exceed 2^53. */
export type InstanceId = string;

const GATEWAY = /^[a-z0-9-]{1,32}$/;

/**
 * Ids of instances: `<gateway>:<external id>`, with a server's name between the two if several servers of a gateway use the same ids, or 1
 * to 20 digits. They appear unchanged in keys, URLs, metric labels and file names, so they contain no character that any of these would
 * escape.
 */
export const INSTANCE_ID = /^(?:\d{1,20}|[a-z0-9-]{1,32}(?::[\w.+~-]{1,64}){1,2})$/;

export function isInstanceId(text: string): boolean {
  return INSTANCE_ID.test(text);
}

/**
 * The id of a gateway's instance.
 * @param external the gateway's own id, or a server's name and then the id
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
 * Encode every byte of an external id that an instance's id may not contain, as URLs do. The escape character is `~` and not `%`, which
 * would have to be escaped again in each URL. `~` itself is escaped too, so no two ids become one.
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
