import {
  StoreUnavailableError,
  type CountsReader,
  type InstanceId,
  type InstanceRegistry,
  type InstanceTotals,
  type QueueReader,
  type QueueStatus,
  type RegisteredInstance,
} from "@ticktally/core";
import type { RedisNode, RedisQuarantine, ShownInstances } from "@ticktally/redis";
import type { MetricsSource } from "@ticktally/telemetry";
import { Family, labelled } from "./exposition.ts";
import { fleetText, SHOWN_COUNTERS, SHOWN_GROWING, type FleetRow } from "./fleet-metrics.ts";
import { FleetSurvey, type Begun, type Survey } from "./fleet-survey.ts";
import { addShown, growingOf, OTHERS, raised, SummedRow } from "./summed-row.ts";
import { quarantineText } from "./quarantine-metrics.ts";
import { redisText } from "./redis-metrics.ts";

export interface FleetSourceOptions {
  /** This process's own metrics. */
  readonly own: MetricsSource;
  readonly counts: Pick<CountsReader, "totals">;
  readonly registry: Pick<InstanceRegistry, "slices">;
  readonly queue: QueueReader;
  readonly quarantine: Pick<RedisQuarantine, "size" | "bytes" | "largestShares">;
  /** What the Redis servers report about themselves. */
  readonly redisNodes: () => Promise<readonly RedisNode[]>;
  /** What waits for targets, as text. */
  readonly forwarding: () => Promise<string>;
  /** Decides which instances have their own series; the others are summed, see {@link FleetSurvey}. */
  readonly shown: Pick<ShownInstances, "settle">;
  readonly instancesMax: number;
  /** How long a new instance is shown with zeros. */
  readonly newInstanceMs: number;
  /** Called when a scrape could not read Redis; throttle the log lines. */
  readonly onUnreadable: (error: Error) => void;
  /** Unix ms */
  readonly now: () => number;
}

const READ_AT_ONCE = 50;

/**
 * What this process did, and the state in Redis at the moment of the scrape. In between, only the highest exported value of each growing
 * counter is kept: a Redis that lost its last second must not look like a restart, which Prometheus would count as a million new messages.
 */
export class FleetSource implements MetricsSource {
  readonly contentType: string;
  readonly #options: FleetSourceOptions;
  /** The last {@link FleetRow.counts}. */
  readonly #shown = new Map<InstanceId, Float64Array>();
  readonly #survey: FleetSurvey<SummedRow>;
  #summed: SummedRow | undefined;
  #others: ReadonlySet<InstanceId> = new Set();
  /**
   * When each instance was first seen, Unix ms; -Infinity for the first reading, whose instances may be old. Prometheus ignores the first
   * value of a series, so the first burst of a new instance is an increase only after a zero.
   */
  readonly #firstSeen = new Map<InstanceId, number>();
  #hasRead = false;
  #regressions = 0;
  #running: Promise<Fleet | undefined> | undefined;
  /** The next reading, which begins after the current one. */
  #next: Promise<Fleet | undefined> | undefined;

  constructor(options: FleetSourceOptions) {
    this.#options = options;
    this.contentType = options.own.contentType;
    const { registry, now } = options;
    const begin = async () => this.#settle();
    this.#survey = new FleetSurvey({ registry, begin, now, add: async (sum, some) => this.#add(sum, some) });
  }

  async metrics(): Promise<Iterable<string>> {
    const own = await this.#options.own.metrics();
    return scrapeText(typeof own === "string" ? [own] : own, await this.#reading());
  }

  /** An instance is deleted: if it returns, even before the next scrape, its counters start at 0. */
  forget(id: InstanceId): void {
    this.#shown.delete(id);
    this.#firstSeen.delete(id);
  }

  /** Overlapping scrapes share the next reading, not the one in progress, which may miss what was stored before their request. */
  async #reading(): Promise<Fleet | undefined> {
    if (this.#next !== undefined) return this.#next;
    if (this.#running === undefined) return this.#begin();
    const begin = async () => {
      this.#next = undefined;
      return this.#begin();
    };
    this.#next = this.#running.then(begin, begin);
    return this.#next;
  }

  async #begin(): Promise<Fleet | undefined> {
    this.#running = this.#fleet().finally(() => {
      this.#running = undefined;
    });
    return this.#running;
  }

  /** A failed reading must not fail the scrape, which would hide this process as well. */
  async #fleet(): Promise<Fleet | undefined> {
    try {
      // Read before the counts, so whatever no longer waits is already counted.
      const status = await this.#options.queue.status();
      const survey = await this.#survey.latest();
      const rows = await this.#rows(survey);
      return { rows, pipeline: await this.#pipeline(survey.shown, status) };
    } catch (error) {
      if (!(error instanceof StoreUnavailableError)) throw error;
      this.#options.onUnreadable(error);
      return undefined;
    }
  }

  async #rows({ shown, others, sum }: Survey<SummedRow>): Promise<readonly FleetRow[]> {
    // One array for all: with a map per instance, garbage collection took half of a scrape of 10,000 instances.
    const table = new Float64Array(shown.length * SHOWN_COUNTERS.length);
    const rows: FleetRow[] = [];
    const isNew = this.#newcomers(shown);
    for (let from = 0; from < shown.length; from += READ_AT_ONCE) {
      const some = shown.slice(from, from + READ_AT_ONCE);
      const totals = await this.#options.counts.totals(some.map(({ id }) => id));
      some.forEach(({ id, name }, i) => {
        const total = totals[i];
        if (total === undefined) return;
        const at = (from + i) * SHOWN_COUNTERS.length;
        const into = table.subarray(at, at + SHOWN_COUNTERS.length);
        rows.push(this.#row({ id, name }, total, into, isNew.has(id)));
      });
    }
    this.#forgetAllBut(new Set(shown.map(({ id }) => id)));
    this.#hasRead = true;
    return sum === undefined ? rows : [...rows, this.#othersRow(others, sum)];
  }

  /** The sum starts with the counts of instances that have left it, so it does not decrease. */
  async #settle(): Promise<Begun<SummedRow>> {
    const { shown, instancesMax, counts } = this.#options;
    const { instances, summedOnce } = await shown.settle(instancesMax, async (ids) =>
      (await counts.totals(ids)).map(growingOf),
    );
    return { shown: instances, sum: summedOnce.size === 0 ? undefined : new SummedRow(summedOnce) };
  }

  /** Add some instances beyond the limit to the sum of others. */
  async #add(sum = new SummedRow(), instances: readonly RegisteredInstance[]): Promise<SummedRow> {
    const totals = await this.#options.counts.totals(instances.map(({ id }) => id));
    for (const total of totals) sum.add(total);
    return sum;
  }

  /** Their sum never decreases either. While one of them leaves, its counts may be missing for a moment, which is not a loss of data. */
  #othersRow(others: ReadonlySet<InstanceId>, sum: SummedRow): FleetRow {
    if (this.#summed !== sum) {
      const lower = this.#summed === undefined ? 0 : sum.raiseTo(this.#summed);
      if ([...this.#others].every((id) => others.has(id))) this.#regressions += lower;
      [this.#summed, this.#others] = [sum, others];
    }
    return sum.row();
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

  /** @param into zeros, one for each exported counter @param isNew growing counters stay at zero */
  #row({ id, name }: RegisteredInstance, totals: InstanceTotals, into: Float64Array, isNew: boolean): FleetRow {
    const { state, lastWebhookAt, failureRatioMax } = totals;
    addShown(totals, into);
    if (isNew) into.fill(0, 0, SHOWN_GROWING);
    else {
      const before = this.#shown.get(id);
      if (before !== undefined) this.#regressions += raised(into, before);
      this.#shown.set(id, into);
    }
    return {
      name,
      counts: into,
      ...(state ? { state } : {}),
      ...(lastWebhookAt === undefined ? {} : { lastWebhookAt }),
      ...(failureRatioMax === undefined ? {} : { failureRatioMax }),
    };
  }

  #forgetAllBut(ids: ReadonlySet<string>): void {
    for (const id of this.#firstSeen.keys()) if (!ids.has(id)) this.forget(id);
  }

  async #pipeline(shown: readonly RegisteredInstance[], status: QueueStatus): Promise<string> {
    const { quarantine, redisNodes, forwarding, now } = this.#options;
    const [quarantined, nodes, forwarded] = await Promise.all([
      quarantineText(quarantine, shown, OTHERS),
      redisNodes(),
      forwarding(),
    ]);
    const jobs = new Family("ticktally_queue_jobs", "gauge", "Batches of webhooks in the queue.");
    for (const state of ["waiting", "active", "delayed", "failed"] as const)
      jobs.add(labelled({ state }), status[state]);
    const age = new Family(
      "ticktally_queue_age_seconds",
      "gauge",
      "Age of the oldest webhook that is not counted yet.",
    );
    age.add("", status.oldestReceivedAtMs === undefined ? 0 : Math.max(0, now() - status.oldestReceivedAtMs) / 1000);
    const help = "Times a counter in Redis was lower than last shown: Redis lost data, or was restored.";
    const regressions = new Family("ticktally_regressions_total", "counter", help);
    regressions.add("", this.#regressions);
    return (
      [jobs, age, regressions].map((family) => family.text()).join("") + quarantined + redisText(nodes) + forwarded
    );
  }
}

/** The result of one reading. It does not change while its text is being sent. */
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

function up(value: 0 | 1): string {
  const family = new Family("ticktally_redis_up", "gauge", "Whether Redis could be read for this scrape.");
  family.add("", value);
  return family.text();
}
