import {
  alertEvent,
  conditionsOf,
  digestEvent,
  grownSince,
  SAMPLED_MINUTES,
  stepAlerts,
  targetsGrownSince,
  type AlertSink,
  type CountsReader,
  type InstanceId,
  type InstanceRegistry,
  type Observed,
  type QueueReader,
  type Sample,
  type SampledCounts,
  type TargetCounts,
} from "@ticktally/core";
import type { RedisAlertStore } from "@ticktally/redis";
import { addHour, noneOfHour, sampledCounts } from "./counted.ts";
import { HourlyUsual } from "./hourly-usual.ts";

export interface AlertRoundsDeps {
  readonly store: RedisAlertStore;
  readonly registry: Pick<InstanceRegistry, "slices">;
  readonly counts: Pick<CountsReader, "totals" | "eachCount" | "summaries">;
  readonly queue: QueueReader;
  readonly quarantine: { size(): Promise<number> };
  /** For each existing target, how long its oldest webhook has waited, and its counters. */
  readonly targets: () => Promise<readonly ObservedTarget[]>;
  readonly sink: AlertSink;
  /** Called after a failed round, which will be retried. */
  readonly onError: (error: Error) => void;
  /** Unix ms */
  readonly now: () => number;
}

interface ObservedTarget {
  readonly name: string;
  readonly oldestSeconds: number;
  readonly counts: TargetCounts;
}

/** If the leader misses a minute, another process soon takes it. */
const LOOK_EVERY_MS = 10_000;
const DAY_MINUTES = 1_440;
/** An instance that was not found shortly before is new. */
const NEW_AFTER_MINUTES = 2;

/** Evaluates all conditions once a minute, in one process at a time, and reports alerts that begin or end. */
export class AlertRounds {
  readonly #deps: AlertRoundsDeps;
  readonly #usual: HourlyUsual;
  /** The last round, if this process ran it. */
  #last: Remembered | undefined;
  #running: Promise<void> | undefined;
  #timer: NodeJS.Timeout | undefined;

  constructor(deps: AlertRoundsDeps) {
    this.#deps = deps;
    this.#usual = new HourlyUsual(deps.counts);
  }

  start(): void {
    this.#timer = setInterval(() => {
      this.#running ??= this.look()
        .catch((error: unknown) => this.#deps.onError(error instanceof Error ? error : new Error("unknown")))
        .finally(() => {
          this.#running = undefined;
        });
    }, LOOK_EVERY_MS);
  }

  async stop(): Promise<void> {
    clearInterval(this.#timer);
    await this.#running;
  }

  /** Do the work of the current minute, if this process leads. @throws {StoreUnavailableError}, or what the sink throws */
  async look(): Promise<void> {
    const { store, now } = this.#deps;
    const minute = Math.floor(now() / 60_000);
    const last = await store.lead();
    if (last === undefined) return;
    if (last < minute) await this.#round(minute, last);
    await this.#digest(Math.floor(minute / DAY_MINUTES));
    await this.#send();
  }

  async #round(minute: number, last: number): Promise<void> {
    const { store } = this.#deps;
    const before = this.#last?.minute === last ? this.#last : await this.#remembered(minute);
    const { counts, targetCounts, queueAgeSeconds, observed } = await this.#observe();
    // The first burst of a new instance is an increase only after a zero.
    const isRecent = minute - last <= NEW_AFTER_MINUTES;
    if (isRecent) for (const id of counts.keys()) if (!before.counts.has(id)) counts.set(id, ZEROS);
    const grown = grownSince(before.counts, counts);
    const grownTargets = targetsGrownSince(before.targetCounts, targetCounts);
    const sample: Sample = { minute, queueAgeSeconds, grown, grownTargets };
    const samples = [...before.samples.filter((one) => one.minute >= minute - SAMPLED_MINUTES), sample];
    const holding = await conditionsOf(samples, observed, this.#usual);
    const { states, changes } = stepAlerts(await store.states(), holding, minute);
    const events = changes.map((change) => alertEvent(change, minute));
    const isOurs = await store.commit({ sample, counts, targetCounts, states, events });
    this.#last = isOurs ? { minute, samples, counts, targetCounts } : undefined;
  }

  /** Events left over by another process, or by this one before a restart. */
  async #remembered(minute: number): Promise<Omit<Remembered, "minute">> {
    const { store } = this.#deps;
    const [samples, counts] = [await store.samples(minute), (await store.counts()) ?? new Map()];
    return { samples, counts, targetCounts: await store.targetCounts() };
  }

  async #observe(): Promise<Observation> {
    const { registry, counts, queue, quarantine, targets, now } = this.#deps;
    const sampled = new Map<InstanceId, SampledCounts>();
    const instances: Observed["instances"][number][] = [];
    for await (const some of registry.slices()) {
      const totals = await counts.totals(some.map(({ id }) => id));
      some.forEach(({ id, name }, i) => {
        const total = totals[i];
        if (total === undefined || sampled.has(id)) return;
        sampled.set(id, sampledCounts(total));
        const { state, lastWebhookAt, failureRatioMax } = total;
        instances.push({ id, name, state: state?.state, lastWebhookAt, failureRatioMax });
      });
    }
    const [{ oldestReceivedAtMs }, quarantined, waiting] = await Promise.all([
      queue.status(),
      quarantine.size(),
      targets(),
    ]);
    const queueAgeSeconds = oldestReceivedAtMs === undefined ? 0 : Math.max(0, now() - oldestReceivedAtMs) / 1000;
    const targetCounts = new Map(waiting.map(({ name, counts: own }) => [name, own]));
    return { counts: sampled, targetCounts, queueAgeSeconds, observed: { instances, quarantined, targets: waiting } };
  }

  /** For the last complete UTC day. The first digest covers the day on which alerts were enabled. */
  async #digest(today: number): Promise<void> {
    const { store, registry, counts } = this.#deps;
    const lastDay = await store.digestDay();
    if (lastDay === undefined) {
      await store.commitDigest(today - 1, undefined);
      return;
    }
    if (lastDay >= today - 1) return;
    const sum = noneOfHour();
    const [from, to] = [(today - 1) * 24, today * 24 - 1];
    for await (const some of registry.slices())
      for (const { id } of some)
        await counts.eachCount(id, "hours", from, to, (_, slot, count) => addHour(sum, slot, count));
    const { received, sent, delivered, read, allFailed: failed } = sum;
    const day = new Date((today - 1) * 86_400_000).toISOString().slice(0, 10);
    await store.commitDigest(today - 1, digestEvent(day, { received, sent, delivered, read, failed }));
  }

  async #send(): Promise<void> {
    const { store, sink } = this.#deps;
    for (const event of await store.unsent()) {
      await sink.send(event);
      await store.sent(event);
    }
  }
}

interface Remembered {
  readonly minute: number;
  readonly samples: readonly Sample[];
  /** Of every instance, at the last sample. */
  readonly counts: ReadonlyMap<InstanceId, SampledCounts>;
  /** Of every target, by name. */
  readonly targetCounts: ReadonlyMap<string, TargetCounts>;
}

interface Observation {
  readonly counts: Map<InstanceId, SampledCounts>;
  readonly targetCounts: ReadonlyMap<string, TargetCounts>;
  readonly queueAgeSeconds: number;
  readonly observed: Observed;
}

const ZEROS: SampledCounts = { sent: 0, delivered: 0, failed: 0, noAccount: 0 };
