import type { Failure, FailureReason } from "@ticktally/core";

type Reason = Exclude<FailureReason, "no_account" | "not_in_group" | "no_active_session">;

/**
 * The error codes of messages by their meaning for a sender; see
 * https://developers.facebook.com/documentation/business-messaging/whatsapp/support/error-codes.
 * 131026 does not prove that there is no account: the app may be too old, or its terms not accepted.
 */
const CODES_BY_REASON: readonly (readonly [Reason, readonly number[]])[] = [
  ["recipient_unreachable", [131026]],
  // A limit on marketing messages per person, and experiments in which Meta withholds them from some people.
  ["engagement_limited", [131049, 130472]],
  ["opted_out", [131050]],
  ["account_limited", [368, 130497, 131031, 131048, 131064, 131207, 131215]],
  ["rate_limited", [4, 80007, 130429, 131056, 131208, 133016]],
  ["template_rejected", [131063, 132000, 132001, 132005, 132007, 132008, 132012, 132015, 132016, 132068, 132069]],
  ["media_failed", [131052, 131053]],
  ["invalid_request", [100, 131008, 131009, 131020, 131021, 131030, 131037, 131051, 131062, 137000]],
  ["group_too_large", [131204]],
  ["payment", [131042, 131044]],
  ["not_authenticated", [0, 3, 10, 190, 131005, 131045, 131057, 133010]],
  ["gateway_error", [1, 2, 131000, 131016, 135000]],
];

const REASONS: ReadonlyMap<number, Reason> = new Map(
  CODES_BY_REASON.flatMap(([reason, codes]) => codes.map((code) => [code, reason] as const)),
);

/** The recipient last wrote more than 24 hours ago. */
const SESSION_ENDED = 131047;
/** The group is unknown, or the business or the participant is not a member. */
const NOT_IN_GROUP: ReadonlySet<number> = new Set([131041, 131212]);

/** @param code as given; `undefined` if the failure has none */
export function failureOf(code: string | undefined): { readonly status: Failure; readonly reason: FailureReason } {
  if (code === undefined) return { status: "failed", reason: "none" };
  const number = /^\d{1,9}$/.test(code) ? Number(code) : undefined;
  if (number === undefined) return { status: "failed", reason: "other" };
  if (number === SESSION_ENDED) return { status: "noActiveSession", reason: "no_active_session" };
  if (NOT_IN_GROUP.has(number)) return { status: "notInGroup", reason: "not_in_group" };
  // The Graph API's permissions, one code each.
  const isPermission = number >= 200 && number <= 299;
  return { status: "failed", reason: isPermission ? "not_authenticated" : (REASONS.get(number) ?? "other") };
}
