import type { ChatKind } from "@ticktally/core";

/** A person or a group, by the id that we store. */
export interface Chat {
  readonly id: string;
  readonly kind: ChatKind;
}

/** A user id has at most 131 characters, and a group's id is shorter. */
const ID_CHARS_MAX = 160;
const PHONE_SUFFIX = "@c.us";
const USER_SUFFIX = "@bsuid";
const GROUP_SUFFIX = "@g.us";

/**
 * A person by phone number, which is more readable and the same for every business; otherwise by the id that this business has for the
 * person (`US.13491208655302741918`), the only id sent for people who hide their number.
 * @param ids candidates; the first valid user id is used
 */
export function personOf(phone: unknown, ...ids: readonly unknown[]): Chat | undefined {
  const number = textOf(phone)?.replace(/^\+/, "");
  if (number !== undefined && /^\d+$/.test(number)) return { id: number + PHONE_SUFFIX, kind: "individual" };
  for (const id of [...ids, number]) {
    const text = textOf(id);
    if (text !== undefined) return { id: text + USER_SUFFIX, kind: "individual" };
  }
  return undefined;
}

export function groupOf(id: unknown): Chat | undefined {
  const text = textOf(id);
  return text === undefined ? undefined : { id: text + GROUP_SUFFIX, kind: "group" };
}

/** The fields of a person or group in Meta's shape. Reading them again gives the same result. */
export function personFields({ id }: Chat, phoneField: string, idField: string): Record<string, string> {
  const isPhone = id.endsWith(PHONE_SUFFIX);
  return { [isPhone ? phoneField : idField]: id.slice(0, -(isPhone ? PHONE_SUFFIX : USER_SUFFIX).length) };
}

export function groupId({ id }: Chat): string {
  return id.slice(0, -GROUP_SUFFIX.length);
}

/** @returns `undefined` if it is not an id; an at sign would begin one of our suffixes */
function textOf(id: unknown): string | undefined {
  const text = typeof id === "number" && Number.isSafeInteger(id) ? String(id) : id;
  if (typeof text !== "string" || text.length > ID_CHARS_MAX) return undefined;
  const plain = text.trim().toWellFormed().replaceAll("@", "_");
  return plain === "" ? undefined : plain;
}
