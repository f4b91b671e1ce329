import type { InstanceEvent, InstanceId, MessageStore } from "@ticktally/core";
import {
  parseWebhookText,
  webhooksOf,
  type QuarantineEntry,
  type QuarantineReason,
  type QueuedWebhook,
} from "@ticktally/schemas";
import type { Logger } from "@ticktally/telemetry";
import type { KnownInstances } from "./known-instances.ts";
import { normalise, type Normalised } from "./normalise.ts";
import { patiently, type Patience } from "./patiently.ts";
import type { WorkerMetrics } from "./worker-metrics.ts";

export interface ProcessorOptions {
  readonly store: Pick<MessageStore, "apply">;
  readonly quarantine: { put(entries: readonly QuarantineEntry[]): Promise<void> };
  readonly instances: Pick<KnownInstances, "admits">;
  readonly metrics: WorkerMetrics;
  readonly logger: Logger;
  /** Ends waits for Redis when the process stops. */
  readonly signal: AbortSignal;
  /** Unix ms */
  readonly now: () => number;
}

interface QueueJob {
  readonly id: string;
  readonly data: unknown;
}

/** A webhook in its job, and what it became. */
interface Item extends QueuedWebhook {
  readonly index: number;
}

interface InstanceWork {
  readonly items: Item[];
  readonly events: InstanceEvent[];
}

/**
 * One job: read each webhook, apply the events of each instance with one script call, put aside what cannot be read, and
 * only then let the job complete. Every effect is safe to repeat, so a job may run any number of times.
 */
export class JobProcessor {
  readonly #options: ProcessorOptions;
  readonly #patience: Patience;

  constructor(options: ProcessorOptions) {
    this.#options = options;
    const { logger, signal } = options;
    const onWait = (error: Error, attempt: number) => {
      if (attempt === 1 || attempt % 10 === 0) logger.warn({ reason: error.message, attempt }, "waiting for Redis");
    };
    this.#patience = { signal, onWait };
  }

  /** Jobs in hand now. */
  inHand = 0;
  /** Jobs taken so far. */
  taken = 0;

  async process(job: QueueJob): Promise<void> {
    this.inHand += 1;
    this.taken += 1;
    try {
      await this.#run(job);
    } finally {
      this.inHand -= 1;
    }
  }

  async #run(job: QueueJob): Promise<void> {
    const startedAt = performance.now();
    const { metrics, logger, now } = this.#options;
    const items = itemsOf(job.data);
    const quarantined = new Quarantined(job.id);
    if (items === undefined) quarantined.addJob(job.data, now());
    const byInstance = sort(items ?? [], quarantined);
    await Promise.all([...byInstance].map(async ([instance, work]) => this.#applyTo(instance, work, quarantined)));
    await patiently(async () => this.#options.quarantine.put(quarantined.entries), this.#patience);

    const oldest = Math.min(...(items ?? []).map(({ receivedAtMs }) => receivedAtMs));
    const lagMs = now() - oldest;
    const tookMs = performance.now() - startedAt;
    metrics.applied("quarantined", quarantined.entries.length);
    metrics.applySeconds.observe(tookMs / 1000);
    if (Number.isFinite(lagMs)) metrics.lagSeconds.observe(Math.max(0, lagMs) / 1000);
    const work = {
      job: job.id,
      webhooks: items?.length ?? 0,
      instances: byInstance.size,
      lagMs,
      tookMs: Math.round(tookMs),
    };
    logger.debug({ ...work, quarantined: quarantined.entries.length }, "batch applied");
    if (quarantined.entries.length > 0) logger.warn({ job: job.id, ...quarantined.summary() }, "webhooks quarantined");
  }

  async #applyTo(instance: InstanceId, { items, events }: InstanceWork, quarantined: Quarantined): Promise<void> {
    const { store, instances, metrics, now } = this.#options;
    if (!(await patiently(async () => instances.admits(instance), this.#patience))) {
      for (const item of items) quarantined.add(item, "unknown_instance", "the instance is not registered", instance);
      return;
    }
    try {
      const outcomes = await patiently(async () => store.apply(instance, events, now()), this.#patience);
      for (const outcome of outcomes) metrics.applied(outcome);
    } catch (error) {
      // Stopping; all else that comes here is the fault of these events, for an outage is waited for.
      if (this.#options.signal.aborted) throw error;
      await this.#applyApart(instance, { items, events }, quarantined, error);
    }
  }

  /** The store refused the lot: halve it until those to blame stand alone, so that they do not take the others along. */
  async #applyApart(instance: InstanceId, work: InstanceWork, quarantined: Quarantined, error: unknown): Promise<void> {
    const { items, events } = work;
    const [first] = items;
    if (items.length === 1 && first !== undefined) {
      quarantined.add(first, "store_rejected", error instanceof Error ? error.message : "unknown", instance);
      return;
    }
    const middle = Math.floor(items.length / 2);
    await this.#applyTo(instance, { items: items.slice(0, middle), events: events.slice(0, middle) }, quarantined);
    await this.#applyTo(instance, { items: items.slice(middle), events: events.slice(middle) }, quarantined);
  }
}

/** @returns `undefined` for a job of no version we know */
function itemsOf(data: unknown): readonly Item[] | undefined {
  try {
    return webhooksOf(data).map((webhook, index) => ({ ...webhook, index }));
  } catch {
    return undefined;
  }
}

/** The readable ones by instance, in order; the others go to quarantine. */
function sort(items: readonly Item[], quarantined: Quarantined): ReadonlyMap<InstanceId, InstanceWork> {
  const byInstance = new Map<InstanceId, InstanceWork>();
  for (const item of items) {
    const result = read(item);
    if (result.kind === "rejected") quarantined.add(item, result.reason, result.detail, result.instance);
    if (result.kind !== "event") continue;
    const work = byInstance.get(result.instance) ?? { items: [], events: [] };
    byInstance.set(result.instance, work);
    work.items.push(item);
    work.events.push(result.event);
  }
  return byInstance;
}

/** Never throws: one webhook that trips us must not hold up the others of its job. */
function read({ text, receivedAtMs }: Item): Normalised {
  try {
    return normalise(parseWebhookText(text), Math.floor(receivedAtMs / 1000));
  } catch (error) {
    return { kind: "rejected", reason: "unreadable", detail: error instanceof Error ? error.name : "unknown" };
  }
}

/** What a job puts aside. */
class Quarantined {
  readonly entries: QuarantineEntry[] = [];
  readonly #jobId: string;

  constructor(jobId: string) {
    this.#jobId = jobId;
  }

  add(
    { index, receivedAtMs, text }: Item,
    reason: QuarantineReason,
    detail: string,
    instance: InstanceId | undefined,
  ): void {
    // The receipt makes it unique for ever: job ids begin again in a new Redis.
    const id = `${String(receivedAtMs)}-${this.#jobId}-${String(index)}`;
    this.entries.push({ id, reason, detail, receivedAtMs, text, ...(instance === undefined ? {} : { instance }) });
  }

  addJob(data: unknown, receivedAtMs: number): void {
    const detail = "the job is not of a version that this worker knows";
    this.entries.push({
      id: `job-${this.#jobId}`,
      reason: "job_unreadable",
      detail,
      receivedAtMs,
      text: JSON.stringify({ data }),
    });
  }

  summary(): { webhooks: number; reasons: readonly string[] } {
    return { webhooks: this.entries.length, reasons: [...new Set(this.entries.map(({ reason }) => reason))] };
  }
}
