import type { InstanceEraser, InstanceId, InstanceRegistry } from "@ticktally/core";
import type { ForwardedInstances, RedisDeletedInstances, RedisQuarantine, RedisUpstreamStore } from "@ticktally/redis";

export interface DeletionFollowUpDeps {
  readonly deleted: Pick<RedisDeletedInstances, "since">;
  readonly registry: Pick<InstanceRegistry, "registered">;
  readonly upstreams: Pick<RedisUpstreamStore, "forgetUnregistered">;
  readonly quarantine: Pick<RedisQuarantine, "ids" | "entries" | "remove">;
  readonly eraser: Pick<InstanceEraser, "forgetUnchanged">;
  readonly forwarded: Pick<ForwardedInstances, "drop">;
  /** Unix ms */
  readonly now: () => number;
}

/** Longer than any request or job that began before the deletion. */
const FOLLOWED_MS = 3_600_000;
/** Data that stay unchanged for this long do not belong to a worker that is about to register its instance. */
const LEFT_ALONE_MS = 30_000;
const ENTRIES_AT_ONCE = 100;

/** Data found of an unregistered instance. */
interface Left {
  readonly mark: string;
  readonly foundAtMs: number;
}

/**
 * Checks recently deleted instances again, because work that began before the deletion may finish after it: a change of settings, a
 * reconciliation, a worker that was killed between storing and noticing the deletion. Nothing else would find such data.
 */
export class DeletionFollowUp {
  readonly #deps: DeletionFollowUpDeps;
  #left = new Map<InstanceId, Left>();

  constructor(deps: DeletionFollowUpDeps) {
    this.#deps = deps;
  }

  /** @throws {StoreUnavailableError} the next run continues */
  async look(): Promise<void> {
    const { deleted, registry, forwarded, now } = this.#deps;
    const left = this.#left;
    this.#left = new Map();
    const instances = await deleted.since(now() - FOLLOWED_MS);
    if (instances.length === 0) return;
    // Also for an instance that is registered again: webhooks received before its deletion are not forwarded.
    await forwarded.drop(instances.map(({ id, deletedAtMs }) => ({ instance: id, beforeMs: deletedAtMs })));
    const registered = new Set(await registry.registered(instances.map(({ id }) => id)));
    for (const { id, deletedAtMs } of instances) {
      if (registered.has(id)) continue;
      // It may have been registered since it was looked up, because this takes a while for many instances.
      await this.#deps.upstreams.forgetUnregistered(id);
      await this.#discardQuarantined(id, deletedAtMs);
      await this.#forget(id, left.get(id));
    }
  }

  async #forget(id: InstanceId, before: Left | undefined): Promise<void> {
    const { eraser, now } = this.#deps;
    const isLeftAlone = before !== undefined && now() - before.foundAtMs >= LEFT_ALONE_MS;
    const mark = await eraser.forgetUnchanged(id, isLeftAlone ? before.mark : "");
    if (mark === "") return;
    this.#left.set(id, before?.mark === mark ? before : { mark, foundAtMs: now() });
  }

  /** Webhooks that arrived after the deletion stay in the quarantine. */
  async #discardQuarantined(instance: InstanceId, deletedAtMs: number): Promise<void> {
    const { quarantine } = this.#deps;
    const ids = await quarantine.ids({ instance });
    for (let from = 0; from < ids.length; from += ENTRIES_AT_ONCE) {
      const entries = await quarantine.entries(ids.slice(from, from + ENTRIES_AT_ONCE));
      await quarantine.remove(entries.filter((entry) => entry.receivedAtMs < deletedAtMs).map(({ id }) => id));
    }
  }
}
