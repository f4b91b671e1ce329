import {
  conditionsOf,
  grownSince,
  SAMPLED_MINUTES,
  stepAlerts,
  targetsGrownSince,
  usualFailureRatio,
  usualActivity,
  wasKnownAWeekAgo,
  type AlertState,
  type HourCounts,
  type Observed,
  type Sample,
  type SampledCounts,
  type TargetCounts,
} from "../../packages/core/src/index.ts";

/** A time series of promtool's tests. */
interface Series {
  readonly metric: string;
  readonly labels: Readonly<Record<string, string>>;
  /** One for each interval; `undefined`: no sample. */
  readonly values: readonly (number | undefined)[];
}

/** The values of the series of a test case in each minute: the highest of all replicas. */
export interface SeriesWorld {
  /** @param wanted labels that must have these values */
  value(minute: number, metric: string, wanted?: Readonly<Record<string, string>>): number | undefined;
  /** The values of a label. */
  named(label: string): readonly string[];
}

/** Prometheus uses the last sample for this long. */
const LOOKBACK_MINUTES = 5;
const [FAILED, TRIED] = [
  ["failed", "notInGroup", "noActiveSession"],
  ["sent", "failed", "noAccount", "notInGroup", "noActiveSession"],
];

export function seriesWorld(
  given: readonly { readonly series: string; readonly values: string }[],
  intervalMinutes: number,
): SeriesWorld {
  const all = given.map(({ series, values }): Series => {
    const [, metric = "", labels = ""] = /^(\w+)(?:\{(.*)\})?$/.exec(series) ?? [];
    const pairs =
      labels === ""
        ? []
        : labels.split(",").map((pair): [string, string] => {
            const [name = "", value = ""] = pair.split("=");
            return [name, value.slice(1, -1)];
          });
    return { metric, labels: Object.fromEntries(pairs), values: valuesOf(values) };
  });
  const at = ({ values }: Series, minute: number) => {
    const place = Math.min(Math.floor(minute / intervalMinutes), values.length - 1);
    return minute - place * intervalMinutes < Math.max(LOOKBACK_MINUTES, intervalMinutes) ? values[place] : undefined;
  };
  return {
    value: (minute, metric, wanted = {}) => {
      const sums = new Map<string, number>();
      for (const series of all) {
        const isWanted = Object.entries(wanted).every(([name, value]) => series.labels[name] === value);
        const value = series.metric === metric && isWanted ? at(series, minute) : undefined;
        const { instance: replica = "" } = series.labels;
        if (value !== undefined) sums.set(replica, (sums.get(replica) ?? 0) + value);
      }
      return sums.size === 0 ? undefined : Math.max(...sums.values());
    },
    named: (label) => [...new Set(all.flatMap(({ labels }) => labels[label] ?? []))],
  };
}

/** The alerts that fire at the given minutes; the rules are evaluated each minute. */
export async function firingAt(
  world: SeriesWorld,
  asked: readonly number[],
): Promise<ReadonlyMap<number, readonly AlertState[]>> {
  const firing = new Map<number, readonly AlertState[]>();
  const samples: Sample[] = [];
  let before: ReadonlyMap<string, SampledCounts> = new Map();
  let targetsBefore: ReadonlyMap<string, TargetCounts> = new Map();
  let states: readonly AlertState[] = [];
  for (let minute = 0; minute <= Math.max(...asked); minute++) {
    const counts = countsAt(world, minute);
    const queueAgeSeconds = world.value(minute, "ticktally_queue_age_seconds") ?? 0;
    const targets = targetCountsAt(world, minute);
    const grownTargets = targetsGrownSince(targetsBefore, targets);
    samples.push({ minute, queueAgeSeconds, grown: grownSince(before, counts), grownTargets });
    [before, targetsBefore] = [counts, targets];
    if (samples.length > SAMPLED_MINUTES + 1) samples.shift();
    const holding = await conditionsOf(samples, observedAt(world, minute), usualOf(world));
    states = stepAlerts(states, holding, minute).states;
    if (asked.includes(minute))
      firing.set(
        minute,
        states.filter(({ isFiring }) => isFiring),
      );
  }
  return firing;
}

function countsAt(world: SeriesWorld, minute: number): ReadonlyMap<string, SampledCounts> {
  const counts = world.named("wa_instance").flatMap((id): [string, SampledCounts][] => {
    const sum = (statuses: readonly string[]) => reached(world, minute, id, statuses);
    if (world.value(minute, REACHED, { wa_instance: id }) === undefined) return [];
    return [
      [id, { sent: sum(["sent"]), delivered: sum(["delivered"]), failed: sum(FAILED), noAccount: sum(["noAccount"]) }],
    ];
  });
  return new Map(counts);
}

function targetCountsAt(world: SeriesWorld, minute: number): ReadonlyMap<string, TargetCounts> {
  const counter = (name: string, target: string) =>
    world.value(minute, `ticktally_forward_${name}_total`, { target }) ?? 0;
  return new Map(
    world.named("target").map((target) => {
      const [refused, dropped, dead] = [
        counter("refused", target),
        counter("dropped", target),
        counter("dead", target),
      ];
      return [target, { refused, dropped, dead }];
    }),
  );
}

const REACHED = "ticktally_message_status_reached_total";

function reached(world: SeriesWorld, minute: number, id: string, statuses: readonly string[]): number {
  return statuses.reduce((sum, status) => sum + (world.value(minute, REACHED, { wa_instance: id, status }) ?? 0), 0);
}

function observedAt(world: SeriesWorld, minute: number): Observed {
  return {
    instances: world.named("wa_instance").map((id) => ({
      id,
      name: id,
      state: world
        .named("state")
        .find((state) => world.value(minute, "ticktally_instance_state", { wa_instance: id, state }) === 1),
      lastWebhookAt: world.value(minute, "ticktally_instance_last_webhook_timestamp_seconds", { wa_instance: id }),
      failureRatioMax: world.value(minute, "ticktally_instance_failure_ratio_max", { wa_instance: id }),
    })),
    quarantined: world.value(minute, "ticktally_quarantine_size") ?? 0,
    targets: world.named("target").map((name) => ({
      name,
      oldestSeconds: world.value(minute, "ticktally_forward_oldest_seconds", { target: name }) ?? 0,
    })),
  };
}

/** The hourly counts that Redis would have. */
function usualOf(world: SeriesWorld) {
  const activity = (id: string, minute: number) =>
    (world.value(minute, "ticktally_status_events_total", { wa_instance: id }) ?? 0) +
    (world.value(minute, "ticktally_messages_total", { wa_instance: id }) ?? 0);
  const firstAt = (id: string) => {
    const names = ["ticktally_status_events_total", "ticktally_messages_total"];
    return names.some((name) => world.value(0, name, { wa_instance: id }) !== undefined) ? 0 : undefined;
  };
  const hourOf =
    (id: string) =>
    (hour: number): HourCounts | undefined => {
      if (hour < 0) return undefined;
      const grown = (of: (minute: number) => number) =>
        Math.max(0, of(hour * 60 + 59) - of(Math.max(0, hour * 60 - 1)));
      return {
        failed: grown((minute) => reached(world, minute, id, FAILED)),
        tried: grown((minute) => reached(world, minute, id, TRIED)),
        activity: grown((minute) => activity(id, minute)),
      };
    };
  return {
    failureRatio: async (id: string, minute: number) => Promise.resolve(usualFailureRatio(minute, hourOf(id))),
    activity: async (id: string, minute: number) =>
      Promise.resolve(usualActivity(minute, hourOf(id), wasKnownAWeekAgo(minute, firstAt(id)))),
  };
}

/** promtool's notation: `1+2x3` is 1 3 5 7, `4x2` is 4 4 4, `_` is no sample, `stale` ends a series. */
function valuesOf(text: string): readonly (number | undefined)[] {
  return text.split(/\s+/).flatMap((word): (number | undefined)[] => {
    const [, begin = "", step = "0", times] = /^(_|stale|-?[\d.]+)([+-][\d.]+)?(?:x(\d+))?$/.exec(word) ?? [];
    if (begin === "stale") return [undefined];
    if (begin === "_") return Array.from({ length: Number(times ?? 1) }, () => undefined);
    return Array.from({ length: Number(times ?? 0) + 1 }, (_, i) => Number(begin) + i * Number(step));
  });
}
