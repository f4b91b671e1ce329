import { randomUUID } from "node:crypto";
import { storedHeartbeat, type ProcessApp, type StoredHeartbeat } from "@ticktally/schemas";
import type { RedisClient } from "../connection/connection.ts";
import type { Keys } from "../keys.ts";
import { storeError } from "../connection/store-error.ts";

const EVERY_MS = 5_000;
/** At start-up the connection may not be ready yet. */
const AFTER_FAILURE_MS = 250;
/** Three beats may be lost before a process counts as gone. */
const KEPT_SECONDS = 20;

interface HeartbeatOptions {
  readonly app: ProcessApp;
  readonly readiness: () => Promise<{
    readonly ready: boolean;
    readonly reasons: readonly string[];
    readonly warnings: readonly string[];
  }>;
  /** Counters since the process started, by name; shown as rates. */
  readonly totals: () => Readonly<Record<string, number>>;
  /** Current measurements, by name with unit. */
  readonly gauges?: () => Readonly<Record<string, number>>;
  /** Unix ms */
  readonly now: () => number;
}

/** Reports every five seconds that this process runs, and its state. A failed report is not an error of the process. */
export class Heartbeat {
  readonly #redis: RedisClient;
  readonly #keys: Keys;
  readonly #options: HeartbeatOptions;
  readonly #id = randomUUID();
  readonly #startedAt: number;
  #timer: NodeJS.Timeout | undefined;
  #before: { readonly atMs: number; readonly totals: Readonly<Record<string, number>> };

  constructor(redis: RedisClient, keys: Keys, options: HeartbeatOptions) {
    this.#redis = redis;
    this.#keys = keys;
    this.#options = options;
    this.#startedAt = Math.floor(options.now() / 1000);
    this.#before = this.#now();
  }

  start(): void {
    const beat = () => {
      void this.#beat()
        .then(
          () => EVERY_MS,
          () => AFTER_FAILURE_MS,
        )
        .then((waitMs) => {
          if (this.#timer !== undefined) this.#timer = setTimeout(beat, waitMs).unref();
        });
    };
    this.#timer = setTimeout(beat, 0).unref();
  }

  async stop(): Promise<void> {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    await this.#redis.del(this.#keys.heartbeatPrefix + this.#id).catch(() => undefined);
  }

  async #beat(): Promise<void> {
    const { app, readiness, gauges } = this.#options;
    const { ready, reasons, warnings } = await readiness();
    const beat: StoredHeartbeat = {
      app,
      id: this.#id,
      pid: process.pid,
      startedAt: this.#startedAt,
      ready,
      reasons: [...reasons],
      warnings: [...warnings],
      memoryBytes: process.memoryUsage.rss(),
      ratesPerSecond: this.#rates(),
      gauges: { ...gauges?.() },
    };
    await Promise.all([
      this.#redis.set(this.#keys.heartbeatPrefix + this.#id, JSON.stringify(beat), "EX", KEPT_SECONDS),
      this.#redis.sadd(this.#keys.heartbeats, this.#id),
    ]);
  }

  #rates(): Record<string, number> {
    const now = this.#now();
    const seconds = (now.atMs - this.#before.atMs) / 1000;
    const rates = Object.entries(now.totals).map(([name, total]) => {
      const change = total - (this.#before.totals[name] ?? 0);
      return [name, seconds <= 0 ? 0 : Math.round((change / seconds) * 100) / 100] as const;
    });
    this.#before = now;
    return Object.fromEntries(rates);
  }

  /** A copy, because the process may keep counting in the object it passed. */
  #now() {
    return { atMs: this.#options.now(), totals: { ...this.#options.totals() } };
  }
}

/** The processes that reported within {@link KEPT_SECONDS}. */
export class RedisHeartbeats {
  readonly #redis: RedisClient;
  readonly #keys: Keys;

  constructor(redis: RedisClient, keys: Keys) {
    this.#redis = redis;
    this.#keys = keys;
  }

  async list(): Promise<readonly StoredHeartbeat[]> {
    const ids = await this.#redis.smembers(this.#keys.heartbeats).catch(storeError);
    if (ids.length === 0) return [];
    const beats = await this.#redis.mget(ids.map((id) => this.#keys.heartbeatPrefix + id)).catch(storeError);
    const gone = ids.filter((_, i) => beats[i] === null);
    if (gone.length > 0) await this.#redis.srem(this.#keys.heartbeats, ...gone).catch(storeError);
    return beats.flatMap((beat) => {
      const read = storedHeartbeat.safeParse(beat === null ? undefined : JSON.parse(beat));
      return read.success ? [read.data] : [];
    });
  }
}
