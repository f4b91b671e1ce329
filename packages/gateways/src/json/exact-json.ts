import { parse as parseLossless } from "lossless-json";

/**
 * JSON.parse, but a whole number beyond 2^53 is returned as the string of its digits, because ids are int64. The slow exact parser runs
 * only on a text that may contain such a number.
 * @throws {SyntaxError} if the text is not JSON, or nested too deep for the exact parser's stack
 */
export function parseJsonText(text: string): unknown {
  const value: unknown = JSON.parse(text);
  if (!MAY_HOLD_LARGE_NUMBER.test(text)) return value;
  try {
    return parseExactly(text);
  } catch (error) {
    throw new SyntaxError("it contains a very large number that is nested too deeply", { cause: error });
  }
}

/** A number outside a string follows one of these; a match in a string only costs time. 2^53 has 16 digits. */
const MAY_HOLD_LARGE_NUMBER = /(?:^|[:[,])\s*\d{16}/;

/** @throws {SyntaxError} @throws {RangeError} if nested deeper than the stack */
export function parseExactly(text: string): unknown {
  return parseLossless(text, undefined, { parseNumber: exactNumber, onDuplicateKey: ({ newValue }) => newValue });
}

/** A whole number that a JavaScript number cannot represent stays as its digits. */
export function exactNumber(digits: string): number | string {
  return /^\d+$/.test(digits) && !Number.isSafeInteger(Number(digits)) ? digits : Number(digits);
}
