import type { RedisClient } from "./connection.ts";
import type { Keys } from "../keys.ts";
import { storeError } from "./store-error.ts";

/** Version 0.1 kept a hash of its instances under this key. Now it is a string that names the layout, which stops that version. */
const MARK = "layout 3";
/** The same keys, counted by the previous rule. */
const MARK_BEFORE = "layout 2";

type Layout = "present" | "before" | "old" | "unknown";

const EXPORT_FIRST = "stop all its processes, make an export with that version, and run `npm run upgrade`";

/** Why this version cannot use data of a layout, and what to do. */
export const LAYOUT_FAULTS: Readonly<Record<Exclude<Layout, "present">, string>> = {
  old: `this Redis holds data of version 0.1: ${EXPORT_FIRST}`,
  before: `this Redis holds data of an earlier version: ${EXPORT_FIRST}`,
  unknown: "this Redis holds data of a newer version: use that version",
};

/**
 * Which layout the stored data has. An empty Redis is marked with the current one.
 * @throws {StoreUnavailableError}
 */
export async function layoutOf(redis: RedisClient, keys: Keys): Promise<Layout> {
  const key = keys.instanceNamesOld;
  const type = await redis.type(key).catch(storeError);
  if (type === "hash") return "old";
  if (type === "none") await redis.setnx(key, MARK).catch(storeError);
  const mark = type === "hash" ? undefined : await redis.get(key).catch(storeError);
  return mark === MARK ? "present" : mark === MARK_BEFORE ? "before" : "unknown";
}

/** Everything stored is counted by today's rule. */
export async function markPresent(redis: RedisClient, keys: Keys): Promise<void> {
  await redis.set(keys.instanceNamesOld, MARK).catch(storeError);
}

/** Moves the registry. From then on the stored data count as current. */
export async function setLayout(redis: RedisClient, keys: Keys): Promise<void> {
  await redis
    .multi()
    .rename(keys.instanceNamesOld, keys.instanceNames)
    .set(keys.instanceNamesOld, MARK)
    .exec()
    .catch(storeError);
}

/** The first check runs before the connection is set up, which takes a few milliseconds. The wait doubles from check to check. */
const CHECK_AGAIN_MS_FIRST = 25;
const CHECK_AGAIN_MS_MAX = 1_000;

/** Stops all work on data of another layout, which would be counted twice or hidden. */
export class StoredLayout {
  readonly #redis: RedisClient;
  readonly #keys: Keys;
  #fault: string | undefined = "it is not known yet which version wrote the data in this Redis";
  #timer: NodeJS.Timeout | undefined;
  #checkAgainMs = CHECK_AGAIN_MS_FIRST;
  readonly #waiting: (() => void)[] = [];

  constructor(redis: RedisClient, keys: Keys) {
    this.#redis = redis;
    this.#keys = keys;
  }

  /** Why nothing may be done; `undefined` once the layout is right. */
  get fault(): string | undefined {
    return this.#fault;
  }

  /** Check until the layout is right, also after Redis was unreachable. @param onFault called each time the reason changes */
  start(onFault: (fault: string) => void): void {
    void this.#check(onFault);
  }

  stop(): void {
    clearTimeout(this.#timer);
  }

  /** Resolves once the layout is right. */
  async fits(): Promise<void> {
    if (this.#fault === undefined) return;
    await new Promise<void>((resolve) => this.#waiting.push(resolve));
  }

  async #check(onFault: (fault: string) => void): Promise<void> {
    const before = this.#fault;
    try {
      const layout = await layoutOf(this.#redis, this.#keys);
      this.#fault = layout === "present" ? undefined : LAYOUT_FAULTS[layout];
    } catch {
      // That Redis is away is reported by its connection.
    }
    if (this.#fault === undefined) {
      for (const resolve of this.#waiting.splice(0)) resolve();
      return;
    }
    if (this.#fault !== before) onFault(this.#fault);
    this.#timer = setTimeout(() => void this.#check(onFault), this.#checkAgainMs);
    this.#timer.unref();
    this.#checkAgainMs = Math.min(2 * this.#checkAgainMs, CHECK_AGAIN_MS_MAX);
  }
}
