const ID_CHARS_MAX = 255;
const WORD_CHARS_MAX = 64;
const TEXT_CHARS_MAX = 256;

/** @returns `undefined` if it is not a message id */
export function idOf(value: unknown): string | undefined {
  if (typeof value !== "string" || value.length > ID_CHARS_MAX) return undefined;
  const id = value.toWellFormed();
  return id.trim() === "" ? undefined : id;
}

/** One of the vendor's words. Anything that cannot be one, such as a text, becomes `other`. */
export function wordOf(value: unknown): string | undefined {
  if (typeof value !== "string" || value === "") return undefined;
  return WORD.test(value) ? value : "other";
}

const WORD = new RegExp(`^[\\w.-]{1,${String(WORD_CHARS_MAX)}}$`);

/** Unix seconds, which arrive as text. */
export function secondsOf(value: unknown): number | undefined {
  const text = typeof value === "number" ? String(value) : value;
  return typeof text === "string" && /^\d{1,15}$/.test(text) ? Number(text) : undefined;
}

/** The beginning of a text for people. */
export function textFor(value: unknown): string | undefined {
  if (typeof value !== "string") return undefined;
  const text = value.slice(0, TEXT_CHARS_MAX).toWellFormed().trim();
  return text === "" ? undefined : text;
}
