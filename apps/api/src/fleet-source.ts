import {
  StoreUnavailableError,
  type Counter,
  type CountsReader,
  type InstanceId,
  type InstanceRegistry,
  type InstanceTotals,
  type QueueReader,
} from "@ticktally/core";
import type { RedisNode } from "@ticktally/redis";
import type { MetricsSource } from "@ticktally/telemetry";
import { Family, labelled } from "./exposition.ts";
import { fleetText, SHOWN_AS_COUNTER, type FleetRow } from "./fleet-metrics.ts";
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
  readonly #shown = new Map<InstanceId, Map<Counter, number>>();
  #regressions = 0;
  #running: Promise<readonly string[]> | undefined;

  constructor(options: FleetSourceOptions) {
    this.#options = options;
    this.contentType = options.own.contentType;
  }

  async metrics(): Promise<readonly string[]> {
    const own = await this.#options.own.metrics();
    // Scrapes that overlap share one reading.
    this.#running ??= this.#fleet().finally(() => {
      this.#running = undefined;
    });
    return [own, await this.#running].flat();
  }

  /** An instance is deleted: if it comes back, even before the next scrape, its counters begin at 0. */
  forget(id: InstanceId): void {
    this.#shown.delete(id);
  }

  /** A failed reading must not fail the scrape: it would hide this process as well. */
  async #fleet(): Promise<readonly string[]> {
    try {
      const rows = await this.#rows();
      return [...(await fleetText(rows)), await this.#pipeline(), up(1)];
    } catch (error) {
      if (!(error instanceof StoreUnavailableError)) throw error;
      this.#options.onUnreadable(error);
      return [up(0)];
    }
  }

  async #rows(): Promise<readonly FleetRow[]> {
    const { counts, registry, instancesMax } = this.#options;
    const instances = [...(await registry.list())].sort((a, b) => a.id.length - b.id.length || (a.id < b.id ? -1 : 1));
    const rows: FleetRow[] = [];
    for (let from = 0; from < instances.length; from += READ_AT_ONCE) {
      const some = instances.slice(from, from + READ_AT_ONCE);
      const totals = await counts.totals(some.map(({ id }) => id));
      totals.forEach((total, i) => {
        const { id, name } = some[i] ?? {};
        if (id !== undefined && name !== undefined) rows.push(this.#row(id, name, total));
      });
    }
    this.#forgetAllBut(new Set(instances.map(({ id }) => id)));
    if (rows.length <= instancesMax) return rows;
    return [...rows.slice(0, instancesMax), summed(rows.slice(instancesMax))];
  }

  #row(id: InstanceId, name: string, { counts, retracted, state, lastWebhookAt }: InstanceTotals): FleetRow {
    const shown = this.#shown.get(id) ?? new Map<Counter, number>();
    this.#shown.set(id, shown);
    for (const counter of SHOWN_AS_COUNTER) {
      const value = (counts.get(counter) ?? 0) + (retracted.get(counter) ?? 0);
      const before = shown.get(counter) ?? 0;
      if (value > before) shown.set(counter, value);
      else if (value < before) this.#regressions += 1;
    }
    const count = (counter: Counter) => (SHOWN_AS_COUNTER.has(counter) ? shown.get(counter) : counts.get(counter)) ?? 0;
    return { name, count, ...(state ? { state } : {}), ...(lastWebhookAt === undefined ? {} : { lastWebhookAt }) };
  }

  #forgetAllBut(ids: ReadonlySet<string>): void {
    for (const id of this.#shown.keys()) if (!ids.has(id)) this.#shown.delete(id);
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

function summed(rows: readonly FleetRow[]): FleetRow {
  const latest = Math.max(...rows.map((row) => row.lastWebhookAt ?? 0));
  const count = (counter: Counter) => rows.reduce((sum, row) => sum + row.count(counter), 0);
  return { name: OTHERS, count, ...(latest > 0 ? { lastWebhookAt: latest } : {}) };
}

function up(value: 0 | 1): string {
  const family = new Family("ticktally_redis_up", "gauge", "Whether Redis could be read for this scrape.");
  family.add("", value);
  return family.text();
}
