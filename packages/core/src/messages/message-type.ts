/** What a message is made of, as reported. The position is the stored code: append only. */
export const MESSAGE_TYPES = [
  "text",
  "image",
  "video",
  "audio",
  "document",
  "sticker",
  "location",
  "contact",
  "poll",
  "interactive",
  "groupInvite",
  "other",
] as const;
export type MessageType = (typeof MESSAGE_TYPES)[number];

export const MEDIA_TYPES = ["image", "video", "audio", "document", "sticker"] as const satisfies MessageType[];

/** Things done to a message. They travel as messages but are counted apart. Append only. */
export const ACTION_TYPES = ["edited", "deleted", "reaction", "pollUpdate"] as const;
export type ActionType = (typeof ACTION_TYPES)[number];

/** `unknown` until an observation reports it. */
export type ContentType = MessageType | ActionType | "unknown";

export function isAction(type: ContentType): type is ActionType {
  return (ACTION_TYPES as readonly string[]).includes(type);
}

/** The stored code of a type: message types by their place, actions from {@link TYPE_CODE_ACTION} on. */
export function contentTypeCode(type: ContentType): number {
  return CODES[type];
}

/** @param code a number made by {@link contentTypeCode} */
export function contentTypeOfCode(code: number): ContentType {
  return MESSAGE_TYPES[code] ?? ACTION_TYPES[code - TYPE_CODE_ACTION] ?? "unknown";
}

/**
 * Which of two reported types a message keeps, whatever their order: message types before actions before `unknown`. A gateway
 * may send a placeholder as text before it knows the rest, so other types are preferred to `text`; `other` says least.
 * @returns one of the two codes
 */
export function preferredTypeCode(a: number, b: number): number {
  return preferenceOf(a) <= preferenceOf(b) ? a : b;
}

export function isActionCode(code: number): boolean {
  return code >= TYPE_CODE_ACTION && code < TYPE_CODE_UNKNOWN;
}

/** Codes below are message types, from here on actions. */
export const TYPE_CODE_ACTION = 32;
export const TYPE_CODE_UNKNOWN = 63;

const CODES = Object.fromEntries([
  ...MESSAGE_TYPES.map((type, place) => [type, place]),
  ...ACTION_TYPES.map((type, place) => [type, TYPE_CODE_ACTION + place]),
  ["unknown", TYPE_CODE_UNKNOWN],
]) as Record<ContentType, number>;

const [CODE_TEXT, CODE_OTHER] = [MESSAGE_TYPES.indexOf("text"), MESSAGE_TYPES.indexOf("other")];

function preferenceOf(code: number): number {
  if (code === CODE_TEXT) return TYPE_CODE_ACTION - 2;
  return code === CODE_OTHER ? TYPE_CODE_ACTION - 1 : code;
}
