import {
  StoreUnavailableError,
  type CountsReader,
  type InstanceId,
  type InstanceRegistry,
  type InstanceTotals,
  type QueueReader,
  type RegisteredInstance,
} from "@ticktally/core";
import type { RedisNode } from "@ticktally/redis";
import type { MetricsSource } from "@ticktally/telemetry";
import { Family, labelled } from "./exposition.ts";
import { fleetText, SHOWN_COUNTERS, SHOWN_GROWING, type FleetRow } from "./fleet-metrics.ts";
import { redisText } from "./redis-metrics.ts";

export interface FleetSourceOptions {
  /** This process's own metrics. */
  readonly own: MetricsSource;
  readonly counts: Pick<CountsReader, "totals">;
  readonly registry: Pick<InstanceRegistry, "list">;
  readonly queue: QueueReader;
  readonly quarantine: { size(): Promise<number> };
  /** What the Redis servers say of themselves. */
  readonly redisNodes: () => Promise<readonly RedisNode[]>;
  /** Instances with series of their own; the others are summed. */
  readonly instancesMax: number;
  /** How long an instance that comes new is shown with zeros. */
  readonly newInstanceMs: number;
  /** A scrape could not read Redis; log it sparingly. */
  readonly onUnreadable: (error: Error) => void;
  /** Unix ms */
  readonly now: () => number;
}

const READ_AT_ONCE = 50;
const OTHERS = "_other";

/**
 * What this process did, and the state of the world as Redis has it at the moment of the scrape. Nothing is kept in
 * between but the highest value shown of each growing counter: a Redis that lost its last second must not look like a
 * restart, which Prometheus would take for a million new messages.
 */
export class FleetSource implements MetricsSource {
  readonly contentType: string;
  readonly #options: FleetSourceOptions;
  /** What {@link FleetRow.counts} held last. */
  readonly #shown = new Map<InstanceId, Float64Array>();
  /**
   * When each instance was first seen, Unix ms; -Infinity if by the first reading, whose instances may be old. Prometheus
   * counts nothing of a series' first value, so the first burst of a new instance is an increase only after a zero.
   */
  readonly #firstSeen = new Map<InstanceId, number>();
  #hasRead = false;
  #regressions = 0;
  #running: Promise<Fleet | undefined> | undefined;

  constructor(options: FleetSourceOptions) {
    this.#options = options;
    this.contentType = options.own.contentType;
  }

  async metrics(): Promise<Iterable<string>> {
    const own = await this.#options.own.metrics();
    // Scrapes that overlap share one reading.
    this.#running ??= this.#fleet().finally(() => {
      this.#running = undefined;
    });
    return scrapeText(typeof own === "string" ? [own] : own, await this.#running);
  }

  /** An instance is deleted: if it comes back, even before the next scrape, its counters begin at 0. */
  forget(id: InstanceId): void {
    this.#shown.delete(id);
    this.#firstSeen.delete(id);
  }

  /** A failed reading must not fail the scrape: it would hide this process as well. */
  async #fleet(): Promise<Fleet | undefined> {
    try {
      const rows = await this.#rows();
      return { rows, pipeline: await this.#pipeline() };
    } catch (error) {
      if (!(error instanceof StoreUnavailableError)) throw error;
      this.#options.onUnreadable(error);
      return undefined;
    }
  }

  async #rows(): Promise<readonly FleetRow[]> {
    const { counts, registry, instancesMax } = this.#options;
    const instances = [...(await registry.list())].sort((a, b) => a.id.length - b.id.length || (a.id < b.id ? -1 : 1));
    // One piece of memory for all: garbage collection took half of a scrape of 10,000 instances with maps of their own.
    const table = new Float64Array(instances.length * SHOWN_COUNTERS.length);
    const [rows, others] = [[] as FleetRow[], new SummedRow()];
    const isNew = this.#newcomers(instances);
    for (let from = 0; from < instances.length; from += READ_AT_ONCE) {
      const some = instances.slice(from, from + READ_AT_ONCE);
      const totals = await counts.totals(some.map(({ id }) => id));
      some.forEach(({ id, name }, i) => {
        const total = totals[i];
        if (total === undefined) return;
        const at = (from + i) * SHOWN_COUNTERS.length;
        const into = table.subarray(at, at + SHOWN_COUNTERS.length);
        const row = this.#row({ id, name }, total, into, isNew.has(id));
        if (from + i < instancesMax) rows.push(row);
        else others.add(row);
      });
    }
    this.#forgetAllBut(new Set(instances.map(({ id }) => id)));
    this.#hasRead = true;
    return instances.length <= instancesMax ? rows : [...rows, others.row()];
  }

  #newcomers(instances: readonly RegisteredInstance[]): ReadonlySet<InstanceId> {
    const now = this.#options.now();
    const first = this.#hasRead ? now : -Infinity;
    const fresh = instances.filter(({ id }) => {
      const firstSeen = this.#firstSeen.get(id) ?? first;
      this.#firstSeen.set(id, firstSeen);
      return now - firstSeen < this.#options.newInstanceMs;
    });
    return new Set(fresh.map(({ id }) => id));
  }

  /** @param into zeros, one for each counter that is shown @param isNew what grows stays at zero */
  #row({ id, name }: RegisteredInstance, totals: InstanceTotals, into: Float64Array, isNew: boolean): FleetRow {
    const { counts, retracted, state, lastWebhookAt } = totals;
    const before = this.#shown.get(id);
    SHOWN_COUNTERS.forEach((counter, place) => {
      const count = counts.get(counter) ?? 0;
      if (place >= SHOWN_GROWING) {
        into[place] = count;
        return;
      }
      if (isNew) return;
      const value = count + (retracted.get(counter) ?? 0);
      const shown = before?.[place] ?? 0;
      if (value < shown) this.#regressions += 1;
      into[place] = Math.max(value, shown);
    });
    if (!isNew) this.#shown.set(id, into);
    return {
      name,
      counts: into,
      ...(state ? { state } : {}),
      ...(lastWebhookAt === undefined ? {} : { lastWebhookAt }),
    };
  }

  #forgetAllBut(ids: ReadonlySet<string>): void {
    for (const id of this.#firstSeen.keys()) if (!ids.has(id)) this.forget(id);
  }

  async #pipeline(): Promise<string> {
    const { queue, quarantine, redisNodes, now } = this.#options;
    const [status, quarantined, nodes] = await Promise.all([queue.status(), quarantine.size(), redisNodes()]);
    const jobs = new Family("ticktally_queue_jobs", "gauge", "Batches of webhooks in the queue.");
    for (const state of ["waiting", "active", "delayed", "failed"] as const)
      jobs.add(labelled({ state }), status[state]);
    const age = new Family(
      "ticktally_queue_age_seconds",
      "gauge",
      "Age of the oldest webhook that is not counted yet.",
    );
    age.add("", status.oldestReceivedAtMs === undefined ? 0 : Math.max(0, now() - status.oldestReceivedAtMs) / 1000);
    const size = new Family("ticktally_quarantine_size", "gauge", "Webhooks in quarantine.");
    size.add("", quarantined);
    const help = "Times a counter in Redis was lower than last shown: Redis lost data, or was restored.";
    const regressions = new Family("ticktally_regressions_total", "counter", help);
    regressions.add("", this.#regressions);
    return [jobs, age, size, regressions].map((family) => family.text()).join("") + redisText(nodes);
  }
}

/** What one reading gave; nothing of it changes afterwards, however long its text is being sent. */
interface Fleet {
  readonly rows: readonly FleetRow[];
  readonly pipeline: string;
}

/** @param fleet `undefined` if Redis could not be read */
function* scrapeText(own: Iterable<string>, fleet: Fleet | undefined): Generator<string> {
  yield* own;
  if (fleet !== undefined) {
    yield* fleetText(fleet.rows);
    yield fleet.pipeline;
  }
  yield up(fleet === undefined ? 0 : 1);
}

/** The instances beyond the limit, together. */
class SummedRow {
  readonly #counts = new Float64Array(SHOWN_COUNTERS.length);
  #lastWebhookAt = 0;

  add({ counts, lastWebhookAt = 0 }: FleetRow): void {
    counts.forEach((count, place) => {
      this.#counts[place] = (this.#counts[place] ?? 0) + count;
    });
    this.#lastWebhookAt = Math.max(this.#lastWebhookAt, lastWebhookAt);
  }

  row(): FleetRow {
    const latest = this.#lastWebhookAt;
    return { name: OTHERS, counts: this.#counts, ...(latest > 0 ? { lastWebhookAt: latest } : {}) };
  }
}

function up(value: 0 | 1): string {
  const family = new Family("ticktally_redis_up", "gauge", "Whether Redis could be read for this scrape.");
  family.add("", value);
  return family.text();
}
