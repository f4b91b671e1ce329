import { parse as parseLossless } from "lossless-json";

/**
 * JSON.parse, but a whole number beyond 2^53 arrives as the string of its digits: ids are int64. The slow exact parser
 * runs only on a text that may hold such a number.
 * @throws {SyntaxError} the text is not JSON, or nested deeper than the exact parser's stack
 */
export function parseJsonText(text: string): unknown {
  const value: unknown = JSON.parse(text);
  if (!MAY_HOLD_LARGE_NUMBER.test(text)) return value;
  try {
    return parseExactly(text);
  } catch (error) {
    throw new SyntaxError("it holds too large a number too deep inside", { cause: error });
  }
}

/** Outside of a string a number follows one of these; in a string it costs only time. 2^53 has 16 digits. */
const MAY_HOLD_LARGE_NUMBER = /(?:^|[:[,])\s*\d{16}/;

/** @throws {SyntaxError} @throws {RangeError} nested deeper than the stack */
export function parseExactly(text: string): unknown {
  return parseLossless(text, undefined, { parseNumber: exactNumber, onDuplicateKey: ({ newValue }) => newValue });
}

/** A whole number that a JavaScript number cannot hold stays as its digits. */
export function exactNumber(digits: string): number | string {
  return /^\d+$/.test(digits) && !Number.isSafeInteger(Number(digits)) ? digits : Number(digits);
}
