/** One more than the maximum length of a message id, so a text that was cut is not a valid id. */
export const STRING_CHARS_MAX = 256;

/**
 * The beginning of a string in a JSON text.
 * @param begin after its opening quote
 * @param end at its closing quote
 * @throws {SyntaxError} if what is read of it is not JSON
 */
export function cutString(json: string, begin: number, end: number): string {
  if (end - begin <= STRING_CHARS_MAX) {
    const raw = json.slice(begin, end);
    return NOT_PLAIN.test(raw) ? String(JSON.parse(`"${raw}"`)) : raw;
  }
  let [chars, at] = [0, begin];
  for (; chars < STRING_CHARS_MAX && at < end; chars++)
    at += json.charCodeAt(at) !== BACKSLASH ? 1 : json.charCodeAt(at + 1) === LETTER_U ? 6 : 2;
  const text = String(JSON.parse(`"${json.slice(begin, Math.min(at, end))}"`));
  return at < end ? withoutBrokenNumber(text) : text;
}

/** Characters that a JSON string may not contain unescaped. */
// eslint-disable-next-line no-control-regex
const NOT_PLAIN = /[\\\0-\x1f]/;
const [BACKSLASH, LETTER_U] = [0x5c, 0x75];
const IN_NUMBERS: ReadonlySet<number> = new Set(Buffer.from("0123456789+-.() \t\r\n"));

/** A phone number cut in half would not be recognised and masked later. */
function withoutBrokenNumber(text: string): string {
  let end = text.length;
  while (end > 0 && IN_NUMBERS.has(text.charCodeAt(end - 1))) end -= 1;
  return text.slice(0, end) + "*".repeat(text.length - end);
}
