import { z } from "zod";
import { instanceId } from "./instance-id.ts";

const count = z.number().int().nonnegative();

/** How a run may end; all but `ok` and `no_upstream` are faults of the gateway. */
export const RECONCILE_OUTCOMES = [
  "ok",
  /** The gateway does not take the token (401, 403). */
  "refused",
  /** Asked too often, or over its quota (429, 466). */
  "limited",
  /** Away: no connection, or 5xx. */
  "unavailable",
  "timeout",
  /** An answer that is no JSON, cut short, too large or of the wrong shape. */
  "unreadable",
  /** It answered with another error. */
  "failed",
  /** Nothing says where the instance lives, or it was forgotten since. */
  "no_upstream",
] as const;
export const reconcileOutcome = z.enum(RECONCILE_OUTCOMES);
export type ReconcileOutcome = z.infer<typeof reconcileOutcome>;

const instance = instanceId;

/** What a job of the reconciliation's queue carries. */
export const reconcileJob = z.discriminatedUnion("kind", [
  /** Find who is due. */
  z.object({ v: z.literal(1), kind: z.literal("tick") }),
  /** Ask the gateway; without minutes for what came since the last look. */
  z.object({
    v: z.literal(1),
    kind: z.literal("look"),
    instance,
    source: z.enum(["schedule", "request"]),
    minutes: count.optional(),
  }),
  /** Take a journal that a user read from the gateway. */
  z.object({
    v: z.literal(1),
    kind: z.literal("file"),
    instance,
    /** In the gateway's own shape, as its adapter reads them again. */
    entries: z.array(z.unknown()),
    /** Entries left out, because they have another shape. */
    unread: count,
  }),
]);
export type ReconcileJob = z.infer<typeof reconcileJob>;

const counts = {
  /** Journal entries looked at, each message once. */
  checked: count,
  /** Of them: unknown here; known, but not as far; nothing new. */
  missing: count,
  behind: count,
  known: count,
  /** Entries and status words that cannot be used. */
  skipped: count,
};

/** The last run as it is kept. Times in Unix ms. */
export const reconciliation = z.object({
  source: z.enum(["schedule", "request", "file"]),
  startedAtMs: count,
  finishedAtMs: count,
  outcome: reconcileOutcome,
  minutes: count.optional(),
  ...counts,
  error: z.string().optional(),
  /** Everything before this moment was looked at. */
  lookedUntilMs: count.optional(),
  /** No look on schedule before this moment. */
  nextAtMs: count,
  /** Looks that failed one after the other. */
  failures: count,
  /** Which upstream this is about: a corrected one is tried at once. */
  upstream: z.string(),
});
export type Reconciliation = z.infer<typeof reconciliation>;

const MINUTES_MAX = 43_200;

/** `POST /instances/:name/reconcile`: look again, or take a journal that is sent along. */
export const reconcileRequest = z.union(
  [
    z.array(z.unknown()),
    z.strictObject({ messages: z.array(z.unknown()) }),
    z.strictObject({ minutes: z.number().int().min(1).max(MINUTES_MAX).optional() }),
  ],
  {
    error: `The body must be {"minutes": 1 to ${String(MINUTES_MAX)}}, {} for what came since the last look, or a journal as the gateway gives it: an array, or {"messages": […]}`,
  },
);

export const reconcileScheduledAnswer = z.object({
  success: z.literal(true),
  message: z.string(),
  scheduled: z.object({
    instance: z.string(),
    source: z.enum(["request", "file"]),
    /** `null`: since the last look. */
    minutes: count.nullable(),
    /** Entries of the file that will be compared, and those of an unknown shape. */
    entries: count,
    skipped: count,
  }),
});

const at = z.iso.datetime();

/** `GET /instances/:name/reconcile`: `lastRun` is `null` before the first. */
export const reconciliationAnswer = z.object({
  success: z.literal(true),
  lastRun: z
    .object({
      source: z.enum(["schedule", "request", "file"]),
      startedAt: at,
      finishedAt: at,
      outcome: reconcileOutcome,
      minutes: count.nullable(),
      ...counts,
      error: z.string().nullable(),
      nextAt: at.nullable(),
    })
    .nullable(),
});
export type ReconciliationAnswer = z.infer<typeof reconciliationAnswer>;
