import { z } from "zod";
import { instanceId } from "./instance-id.ts";

const count = z.number().int().nonnegative();

/** How a run may end. All but `ok` and `no_upstream` are errors of the gateway. */
export const RECONCILE_OUTCOMES = [
  "ok",
  /** The gateway rejects the token (401, 403). */
  "refused",
  /** Too many requests, or over the quota (429, 466). */
  "limited",
  /** Unreachable: no connection, or 5xx. */
  "unavailable",
  "timeout",
  /** The answer is not JSON, cut short, too large or of the wrong shape. */
  "unreadable",
  /** It answered with another error. */
  "failed",
  /** The instance has no upstream, or no longer. */
  "no_upstream",
] as const;
export const reconcileOutcome = z.enum(RECONCILE_OUTCOMES);
export type ReconcileOutcome = z.infer<typeof reconcileOutcome>;

const instance = instanceId;

/** What a job of the reconciliation's queue carries. */
export const reconcileJob = z.discriminatedUnion("kind", [
  /** Find the instances that are due. */
  z.object({ v: z.literal(1), kind: z.literal("tick") }),
  /** Read the gateway's journals; without minutes, since the last run. */
  z.object({
    v: z.literal(1),
    kind: z.literal("look"),
    instance,
    source: z.enum(["schedule", "request"]),
    minutes: count.optional(),
  }),
  /** Use a journal that a user read from the gateway. */
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
  /** Journal entries compared, each message once. */
  checked: count,
  /** Of these: unknown here; known with an earlier status; nothing new. */
  missing: count,
  behind: count,
  known: count,
  /** Entries and status words that cannot be used. */
  skipped: count,
};

/** The last run as it is stored. Times in Unix ms. */
export const reconciliation = z.object({
  source: z.enum(["schedule", "request", "file"]),
  startedAtMs: count,
  finishedAtMs: count,
  outcome: reconcileOutcome,
  minutes: count.optional(),
  ...counts,
  error: z.string().optional(),
  /** Everything before this moment was compared. */
  lookedUntilMs: count.optional(),
  /** No scheduled run before this moment. */
  nextAtMs: count,
  /** How many runs failed in a row. */
  failures: count,
  /** Identifies the upstream: a corrected one is tried at once. */
  upstream: z.string(),
});
export type Reconciliation = z.infer<typeof reconciliation>;

const MINUTES_MAX = 43_200;

/** `POST /instances/:name/reconcile`: read the journals again, or use the journal in the request. */
export const reconcileRequest = z.union(
  [
    z.array(z.unknown()),
    z.strictObject({ messages: z.array(z.unknown()) }),
    z.strictObject({ minutes: z.number().int().min(1).max(MINUTES_MAX).optional() }),
  ],
  {
    error: `The body must be {"minutes": 1 to ${String(MINUTES_MAX)}}, {} for everything since the last run, or a journal in the gateway's own shape: an array, or {"messages": […]}`,
  },
);

export const reconcileScheduledAnswer = z.object({
  success: z.literal(true),
  message: z.string(),
  scheduled: z.object({
    instance: z.string(),
    source: z.enum(["request", "file"]),
    /** `null`: since the last run. */
    minutes: count.nullable(),
    /** How many entries of the file will be compared, and how many have an unknown shape. */
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
