import { FAILURE_REASONS } from "./failure-reason.ts";

/** What was reported of a failure, besides when. */
export interface FailureDetail {
  /** A code of `MESSAGE_STATUSES`. */
  readonly status: number;
  /** A place in `FAILURE_REASONS`. */
  readonly reason: number;
  /** The gateway's own words, at most {@link FAILURE_TEXT_BYTES_MAX}; "" where there are none. */
  readonly text: string;
}

/** Longer texts are cut: they embed whole URLs. */
export const FAILURE_TEXT_BYTES_MAX = 500;

/**
 * Which of two failures reported for the same second a message keeps, whatever their order: by word, then by reason (a specific one
 * before `other` before `none`), then the text that sorts first; any text before none.
 */
export function preferredFailure(a: FailureDetail, b: FailureDetail): FailureDetail {
  if (a.status !== b.status) return a.status < b.status ? a : b;
  if (a.reason !== b.reason) return preferenceOf(a.reason) < preferenceOf(b.reason) ? a : b;
  if (a.text === "" || b.text === "") return a.text === "" ? b : a;
  return a.text <= b.text ? a : b;
}

/** @returns the text as it is kept: whole characters only, and none that UTF-8 does not have, so that it stays the same once it is stored */
export function failureText(description: string | undefined): string {
  if (description === undefined) return "";
  const isShort = description.length * UTF8_BYTES_MAX <= FAILURE_TEXT_BYTES_MAX;
  if (isShort && !HALF_OF_PAIR.test(description)) return description;
  const bytes = ENCODER.encode(description).subarray(0, FAILURE_TEXT_BYTES_MAX);
  // A character that is cut at the end is kept back, as if more came.
  return new TextDecoder("utf-8", { ignoreBOM: true }).decode(bytes, { stream: true });
}

/** Of a surrogate pair: JSON may hold it alone. */
const HALF_OF_PAIR = /\p{Surrogate}/u;
const ENCODER = new TextEncoder();
const UTF8_BYTES_MAX = 3;
const [NONE, OTHER] = [FAILURE_REASONS.indexOf("none"), FAILURE_REASONS.indexOf("other")];

function preferenceOf(reason: number): number {
  if (reason === NONE) return FAILURE_REASONS.length + 1;
  return reason === OTHER ? FAILURE_REASONS.length : reason;
}
