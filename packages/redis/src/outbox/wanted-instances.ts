import { StoreRejectedError, type InstanceId } from "@ticktally/core";
import { valuesAnswer } from "@ticktally/schemas";
import type { RedisClient } from "../connection/connection.ts";
import { readKeys } from "../connection/key-commands.ts";
import type { Keys } from "../keys.ts";

/** Stands in place of an instance for all of them. */
export const ALL_INSTANCES = "*";
/** Decisions use knowledge about listeners that is never older than this. */
export const WANTED_KNOWN_MS = 1_000;
/** An outbox keeps entries for this long; longer if a client has announced to listen for longer. */
const OUTBOX_KEPT_MS = 660_000;

/** When an outbox expires if nothing follows (Unix s), and since when it keeps entries (Unix ms). */
export interface OutboxTerms {
  readonly expiresAt: number;
  readonly keptFromMs: number;
}

/**
 * The instances whose outboxes a client reads, as `Outbox.want` stored it. Commits of other instances add nothing, so no instance pays for
 * what no client reads. Knowing that costs one small read a second, with the first commit of that second.
 */
export class WantedInstances {
  readonly #redis: RedisClient;
  readonly #key: string;
  /** Monotonic time of the last request. */
  #askedAt = -Infinity;
  /** Unix seconds by Redis's clock at that request. */
  #now = 0;
  #until: ReadonlyMap<string, number> = new Map<string, number>();

  constructor(redis: RedisClient, keys: Keys) {
    this.#redis = redis;
    this.#key = keys.outboxesWanted;
  }

  /** @returns `undefined` if the last answer is recent enough @throws {StoreUnavailableError} */
  refresh(): Promise<void> | undefined {
    const askedAt = performance.now();
    return askedAt - this.#askedAt < WANTED_KNOWN_MS ? undefined : this.#read(askedAt);
  }

  /** @returns `undefined` if no client reads its outbox */
  termsOf(instance: InstanceId): OutboxTerms | undefined {
    if (this.#until.size === 0) return undefined;
    const expiresAt = Math.max(this.#until.get(instance) ?? 0, this.#until.get(ALL_INSTANCES) ?? 0);
    if (expiresAt <= this.#now) return undefined;
    return { expiresAt, keptFromMs: this.#now * 1000 - Math.max(OUTBOX_KEPT_MS, (expiresAt - this.#now) * 1000) };
  }

  async #read(askedAt: number): Promise<void> {
    try {
      const [time, members] = await readKeys(this.#redis, this.#key, [
        ["TIME"],
        ["ZRANGE", this.#key, 0, -1, "WITHSCORES"],
      ]);
      this.#now = Number(valuesAnswer.parse(time)[0]);
      const found = valuesAnswer.parse(members).map(String);
      const until = new Map<string, number>();
      for (let i = 0; i < found.length; i += 2) until.set(found[i] ?? "", Number(found[i + 1]));
      this.#until = until;
    } catch (error) {
      // A key that another program damaged must not stop counting.
      if (!(error instanceof StoreRejectedError)) throw error;
      this.#until = new Map<string, number>();
    }
    this.#askedAt = askedAt;
  }
}
