import type { InstanceEvent, InstanceId, MessageStore, Outcome } from "@ticktally/core";
import type { Pseudonyms } from "@ticktally/gateways";
import type { QuarantineBounds, RedisQuarantine } from "@ticktally/redis";
import { webhooksOf, type IndexedWebhook } from "@ticktally/schemas";
import type { Logger, Tracing } from "@ticktally/telemetry";
import { logJob } from "./job-log.ts";
import { GroupedStore } from "./grouped-store.ts";
import type { KnownInstances } from "./known-instances.ts";
import { retryWhileUnavailable, type RetryOptions } from "./retry-while-unavailable.ts";
import { Quarantined } from "./quarantined.ts";
import { readWebhook } from "./read-webhook.ts";
import type { WorkerMetrics } from "./worker-metrics.ts";

export interface ProcessorOptions {
  readonly store: MessageStore;
  /** So many jobs are in progress at most. */
  readonly jobsMax: number;
  /** In a cluster only some masters may be away. Then jobs that do not need them must not fail with those that do. */
  readonly isCluster: boolean;
  readonly quarantine: Pick<RedisQuarantine, "put">;
  readonly quarantineBounds: QuarantineBounds;
  readonly instances: Pick<KnownInstances, "admitted">;
  /** `undefined`: chat ids are stored unchanged. */
  readonly pseudonyms?: Pseudonyms | undefined;
  readonly metrics: WorkerMetrics;
  readonly logger: Logger;
  readonly tracing: Tracing;
  /** Ends waits for Redis when the process stops. */
  readonly signal: AbortSignal;
  /** Unix ms */
  readonly now: () => number;
}

interface QueueJob {
  readonly id: string;
  readonly shard: number;
  readonly attempt: number;
  readonly data: unknown;
}

/** Jobs of one shard's queue. */
interface ShardJobs {
  inProgress: number;
  /** Since the start. */
  taken: number;
}

/** A job's events for one instance, each with its webhook. */
interface JobEvents {
  readonly instance: InstanceId;
  readonly items: IndexedWebhook[];
  readonly events: InstanceEvent[];
}

/**
 * One job: read each webhook, apply the events of each instance with one script call, put aside what cannot be read, and
 * only then let the job complete. Every effect is safe to repeat, so a job may run any number of times.
 */
export class JobProcessor {
  readonly #options: ProcessorOptions;
  readonly #grouped: GroupedStore;
  readonly #retry: RetryOptions;
  readonly #shards = new Map<number, ShardJobs>();

  constructor(options: ProcessorOptions) {
    this.#options = options;
    const { store, jobsMax, logger, signal } = options;
    this.#grouped = new GroupedStore(store, jobsMax);
    const onWait = (error: Error, attempt: number) => {
      if (attempt === 1 || attempt % 10 === 0) logger.warn({ reason: error.message, attempt }, "waiting for Redis");
    };
    this.#retry = { signal, onWait };
  }

  /** What this process did of a shard's queue. */
  ofShard(shard: number): Readonly<ShardJobs> {
    return this.#jobsOf(shard);
  }

  async process(job: QueueJob): Promise<void> {
    const jobs = this.#jobsOf(job.shard);
    jobs.inProgress += 1;
    jobs.taken += 1;
    try {
      await this.#run(job);
    } catch (error) {
      const reason = error instanceof Error ? error.message : "unknown";
      const { id, shard, attempt } = job;
      this.#options.logger.warn(
        { jobId: id, shard, attempt, outcome: "returned", reason },
        "batch goes back to the queue",
      );
      throw error;
    } finally {
      jobs.inProgress -= 1;
    }
  }

  #jobsOf(shard: number): ShardJobs {
    const known = this.#shards.get(shard);
    if (known !== undefined) return known;
    const jobs = { inProgress: 0, taken: 0 };
    this.#shards.set(shard, jobs);
    return jobs;
  }

  async #run(job: QueueJob): Promise<void> {
    const startedAt = performance.now();
    const { metrics, logger, pseudonyms, now } = this.#options;
    const items = itemsOf(job.data);
    const quarantined = new Quarantined(job.id, pseudonyms);
    if (items === undefined) quarantined.addJob(job.data, now());
    const works = await this.#admitted(sort(items ?? [], quarantined, pseudonyms), quarantined);
    const outcomes = new Map<Outcome, number>();
    await this.#apply(works, this.#grouped, quarantined, outcomes);
    await this.#quarantine(quarantined);

    const lagMs = now() - oldestReceipt(items ?? []);
    const durationMs = performance.now() - startedAt;
    metrics.applied("quarantined", quarantined.entries.length);
    metrics.applySeconds.observe(durationMs / 1000);
    if (Number.isFinite(lagMs)) metrics.lag(Math.max(0, lagMs) / 1000);
    logJob(logger, {
      jobId: job.id,
      shard: job.shard,
      attempt: job.attempt,
      webhooks: items?.length ?? 0,
      instances: works.length,
      outcomes: Object.fromEntries(outcomes),
      quarantined: quarantined.entries.length,
      quarantineReasons: quarantined.reasons(),
      lagMs: Number.isFinite(lagMs) ? lagMs : undefined,
      durationMs: Math.round(durationMs),
    });
  }

  async #quarantine({ entries }: Quarantined): Promise<void> {
    const { quarantine, quarantineBounds, metrics, logger } = this.#options;
    const dropped = await retryWhileUnavailable(async () => quarantine.put(entries, quarantineBounds), this.#retry);
    if (dropped === 0) return;
    metrics.quarantineDropped.inc(dropped);
    logger.error(
      { dropped, ...quarantineBounds },
      "the quarantine, or an instance's share of it, is full: the oldest were dropped",
    );
  }

  async #admitted(works: readonly JobEvents[], quarantined: Quarantined): Promise<readonly JobEvents[]> {
    const asked = works.map(({ instance }) => instance);
    const admitted = await retryWhileUnavailable(async () => this.#options.instances.admitted(asked), this.#retry);
    if (admitted.size === works.length) return works;
    for (const { instance, items } of works.filter((work) => !admitted.has(work.instance))) {
      quarantined.addUnknown(instance, items);
    }
    return works.filter(({ instance }) => admitted.has(instance));
  }

  /**
   * All in one call, together with other jobs. If the store refuses it, halve the work until those to blame stand alone: they take no others
   * along, so they go without other jobs.
   */
  async #apply(
    works: readonly JobEvents[],
    to: MessageStore,
    quarantined: Quarantined,
    counts: Map<Outcome, number>,
  ): Promise<void> {
    if (works.length === 0) return;
    const { store, metrics, tracing, signal } = this.#options;
    try {
      const attributes = { instances: works.length, webhooks: works.reduce((sum, { items }) => sum + items.length, 0) };
      const outcomes = await tracing.step("apply batch", attributes, async () => this.#untilApplied(works, to));
      const applied = new Map<Outcome, number>();
      for (const outcome of outcomes.flat()) applied.set(outcome, (applied.get(outcome) ?? 0) + 1);
      for (const [outcome, count] of applied) {
        metrics.applied(outcome, count);
        counts.set(outcome, (counts.get(outcome) ?? 0) + count);
      }
    } catch (error) {
      // The process is stopping. Any other error here is caused by these events, because outages are waited for.
      if (signal.aborted) throw error;
      const halves = halvesOf(works);
      if (halves === undefined) quarantined.addAll(works, error);
      else for (const half of halves) await this.#apply(half, store, quarantined, counts);
    }
  }

  /** In a cluster it is tried again without other jobs; elsewhere with them, so that an outage does not multiply the calls. */
  async #untilApplied(works: readonly JobEvents[], first: MessageStore) {
    const { store, isCluster } = this.#options;
    let to = first;
    return retryWhileUnavailable(async () => {
      const applied = to.apply(works);
      if (isCluster) to = store;
      return applied;
    }, this.#retry);
  }
}

/** @returns `undefined` for a single webhook, which cannot be halved */
function halvesOf(works: readonly JobEvents[]): readonly (readonly JobEvents[])[] | undefined {
  const [first, ...others] = works;
  if (first === undefined) return undefined;
  if (others.length > 0) {
    const middle = Math.ceil(works.length / 2);
    return [works.slice(0, middle), works.slice(middle)];
  }
  const { instance, items, events } = first;
  if (items.length === 1) return undefined;
  const middle = Math.ceil(items.length / 2);
  return [
    [{ instance, items: items.slice(0, middle), events: events.slice(0, middle) }],
    [{ instance, items: items.slice(middle), events: events.slice(middle) }],
  ];
}

/** @returns `undefined` for a job of an unknown version */
function itemsOf(data: unknown): readonly IndexedWebhook[] | undefined {
  try {
    return webhooksOf(data);
  } catch {
    return undefined;
  }
}

/** Unix ms; not always that of the first, because a long body is received before its webhooks are added. @returns `Infinity` for none */
function oldestReceipt(items: readonly IndexedWebhook[]): number {
  let oldest = Infinity;
  for (const { receivedAtMs } of items) if (receivedAtMs < oldest) oldest = receivedAtMs;
  return oldest;
}

/** The readable ones by instance, in order; the others go to quarantine. */
function sort(
  items: readonly IndexedWebhook[],
  quarantined: Quarantined,
  pseudonyms: Pseudonyms | undefined,
): readonly JobEvents[] {
  const byInstance = new Map<InstanceId, JobEvents>();
  for (const item of items) {
    for (const result of readWebhook(item, pseudonyms)) {
      if (result.kind === "rejected") quarantined.add(item, result.reason, result.detail, result.instance);
      if (result.kind !== "events" || result.events.length === 0) continue;
      let work = byInstance.get(result.instance);
      if (work === undefined) {
        work = { instance: result.instance, items: [], events: [] };
        byInstance.set(result.instance, work);
      }
      for (const event of result.events) {
        work.items.push(item);
        work.events.push(event);
      }
    }
  }
  return [...byInstance.values()];
}
