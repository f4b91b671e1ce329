import { FAILURE_REASONS } from "./failure-reason.ts";

/** What was reported about a failure, besides its time. */
export interface FailureDetail {
  /** A code of `MESSAGE_STATUSES`. */
  readonly status: number;
  /** A place in `FAILURE_REASONS`. */
  readonly reason: number;
  /** The gateway's own text, at most {@link FAILURE_TEXT_BYTES_MAX}; "" if there is none. */
  readonly text: string;
  /** The gateway's own code, at most {@link FAILURE_CODE_BYTES_MAX}; "" if there is none. */
  readonly code: string;
}

/** Longer texts are cut: some contain whole URLs. */
export const FAILURE_TEXT_BYTES_MAX = 500;
export const FAILURE_CODE_BYTES_MAX = 64;

/**
 * Which of two failures reported for the same second a message keeps, whatever their order: by word, then by reason (a specific one
 * before `other` before `none`), then the text that sorts first, then the code; any text or code before none.
 */
export function preferredFailure(a: FailureDetail, b: FailureDetail): FailureDetail {
  if (a.status !== b.status) return a.status < b.status ? a : b;
  if (a.reason !== b.reason) return preferenceOf(a.reason) < preferenceOf(b.reason) ? a : b;
  return comesFirst(a.text, b.text) || (a.text === b.text && !comesFirst(b.code, a.code)) ? a : b;
}

function comesFirst(a: string, b: string): boolean {
  return a !== "" && (b === "" || a < b);
}

/** @returns the text as it is kept: whole characters that UTF-8 can encode, so it reads back as it was */
export function failureText(description: string | undefined): string {
  return cut(description, FAILURE_TEXT_BYTES_MAX);
}

/** The same of a code. */
export function failureCode(code: string | undefined): string {
  return cut(code, FAILURE_CODE_BYTES_MAX);
}

function cut(text: string | undefined, bytesMax: number): string {
  if (text === undefined) return "";
  if (text.length * UTF8_BYTES_MAX <= bytesMax && !HALF_OF_PAIR.test(text)) return text;
  const bytes = ENCODER.encode(text).subarray(0, bytesMax);
  // Streaming mode holds back a character that is cut at the end.
  return new TextDecoder("utf-8", { ignoreBOM: true }).decode(bytes, { stream: true });
}

/** Half of a surrogate pair: JSON may contain it alone. */
const HALF_OF_PAIR = /\p{Surrogate}/u;
const ENCODER = new TextEncoder();
const UTF8_BYTES_MAX = 3;
const [NONE, OTHER] = [FAILURE_REASONS.indexOf("none"), FAILURE_REASONS.indexOf("other")];

function preferenceOf(reason: number): number {
  if (reason === NONE) return FAILURE_REASONS.length + 1;
  return reason === OTHER ? FAILURE_REASONS.length : reason;
}
