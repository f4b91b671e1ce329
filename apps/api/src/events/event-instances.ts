import type { InstanceId, InstanceRegistry } from "@ticktally/core";

const READ_EVERY_MS = 2_000;
/** Reading them takes at most a twentieth of the time, however many there are. */
const PAUSE_FACTOR = 20;

/** All instances and their names, a few seconds old. */
export class EventInstances {
  readonly #registry: Pick<InstanceRegistry, "slices">;
  #names: ReadonlyMap<InstanceId, string> = new Map<InstanceId, string>();
  #dueAt = -Infinity;
  /** The time of the previous read, Unix ms by Redis's clock. */
  #readAt: number | undefined;

  constructor(registry: Pick<InstanceRegistry, "slices">) {
    this.#registry = registry;
  }

  /** Names by id. */
  get names(): ReadonlyMap<InstanceId, string> {
    return this.#names;
  }

  /**
   * Read them again if due.
   * @param redisNow Unix ms by Redis's clock
   * @returns new instances, and since when they may exist; none the first time
   * @throws {StoreUnavailableError}
   */
  async refresh(
    redisNow: () => Promise<number>,
  ): Promise<{ readonly added: readonly InstanceId[]; readonly since: number }> {
    const begun = performance.now();
    if (begun < this.#dueAt) return NONE;
    const readAt = await redisNow();
    const names = new Map<InstanceId, string>();
    for await (const slice of this.#registry.slices()) for (const { id, name } of slice) names.set(id, name);
    const since = this.#readAt;
    const added = since === undefined ? [] : [...names.keys()].filter((id) => !this.#names.has(id));
    this.#names = names;
    this.#readAt = readAt;
    const ended = performance.now();
    this.#dueAt = ended + Math.max(READ_EVERY_MS, PAUSE_FACTOR * (ended - begun));
    return { added, since: since ?? readAt };
  }

  /** No client needs them now. Instances added meanwhile are not new for the next client. */
  forget(): void {
    this.#dueAt = -Infinity;
    this.#readAt = undefined;
  }
}

const NONE = { added: [], since: 0 };
