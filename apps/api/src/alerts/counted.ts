import {
  COUNTER_OF_SLOT,
  FAILURES,
  REACHED_STATUSES,
  type Counter,
  type InstanceTotals,
  type ReachedStatus,
  type SampledCounts,
} from "@ticktally/core";

/** As in Prometheus, `unknown` is left out until it is known, so counters only grow. */
const KNOWN_ORIGINS = ["api", "phone"] as const;

const reached = (...statuses: readonly ReachedStatus[]): readonly Counter[] =>
  statuses.flatMap((status) => KNOWN_ORIGINS.map((origin): Counter => `reached/${origin}/${status}`));

/** A dead number says nothing about the instance. */
const WITH_ACCOUNT = reached(...FAILURES.filter((failure) => failure !== "noAccount"));
const SAMPLED: Readonly<Record<keyof SampledCounts, readonly Counter[]>> = {
  sent: reached("sent"),
  delivered: reached("delivered"),
  failed: WITH_ACCOUNT,
  noAccount: reached("noAccount"),
};

/** The counters that alerts are based on. Corrections are hidden, as from Prometheus, so a counter never decreases. */
export function sampledCounts({ counts, retracted }: Pick<InstanceTotals, "counts" | "retracted">): SampledCounts {
  const sum = (counters: readonly Counter[]) =>
    counters.reduce((total, counter) => total + (counts.get(counter) ?? 0) + (retracted.get(counter) ?? 0), 0);
  return {
    sent: sum(SAMPLED.sent),
    delivered: sum(SAMPLED.delivered),
    failed: sum(SAMPLED.failed),
    noAccount: sum(SAMPLED.noAccount),
  };
}

const RECEIVED: readonly Counter[] = ["messages/incoming/unknown"];
const SEEN: readonly Counter[] = [
  ...RECEIVED,
  ...KNOWN_ORIGINS.map((origin): Counter => `messages/outgoing/${origin}`),
];

/** The counts by hour that are read. */
const HOURLY = {
  received: RECEIVED,
  sent: reached("sent"),
  delivered: reached("delivered"),
  read: reached("read"),
  allFailed: reached(...FAILURES),
  failed: WITH_ACCOUNT,
  tried: reached("sent", ...FAILURES),
  activity: [...SEEN, ...reached(...REACHED_STATUSES)],
} satisfies Readonly<Record<string, readonly Counter[]>>;
export type Hourly = Record<keyof typeof HOURLY, number>;

export const noneOfHour = (): Hourly => ({
  received: 0,
  sent: 0,
  delivered: 0,
  read: 0,
  allFailed: 0,
  failed: 0,
  tried: 0,
  activity: 0,
});

/** By slot: the sum that its counts are added to. */
const COLUMNS_OF_SLOT: readonly (readonly (keyof Hourly)[])[] = COUNTER_OF_SLOT.map((counter) =>
  (Object.keys(HOURLY) as (keyof Hourly)[]).filter(
    (column) => counter !== undefined && (HOURLY[column] as readonly Counter[]).includes(counter),
  ),
);

export function addHour(into: Hourly, slot: number, count: number): void {
  for (const column of COLUMNS_OF_SLOT[slot] ?? []) into[column] += count;
}
