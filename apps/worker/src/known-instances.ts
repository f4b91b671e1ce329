import type { InstanceId, InstanceRegistry } from "@ticktally/core";

const CHECKED_FOR_MS = 10_000;
/** Instances per call of Redis. */
const ASKED_MAX = 1000;

/** Which instances may be counted. */
export class KnownInstances {
  readonly #registry: Pick<InstanceRegistry, "register" | "registered">;
  readonly #autoRegister: boolean;
  readonly #now: () => number;
  /** Instances found registered since {@link #recheckAt} was set, and whether they were used since then. */
  #known = new Map<InstanceId, boolean>();
  #recheckAt = 0;
  /** In progress; all jobs wait for the same one. */
  #rechecking: Promise<void> | undefined;

  /** @param now ms, never back */
  constructor(
    registry: Pick<InstanceRegistry, "register" | "registered">,
    autoRegister: boolean,
    now = () => performance.now(),
  ) {
    this.#registry = registry;
    this.#autoRegister = autoRegister;
    this.#now = now;
  }

  /** The instances that may be counted. New ones are registered, unless that is disabled. @throws {StoreUnavailableError} */
  async admitted(instances: readonly InstanceId[]): Promise<ReadonlySet<InstanceId>> {
    if (this.#now() >= this.#recheckAt) {
      this.#rechecking ??= this.#recheck().finally(() => (this.#rechecking = undefined));
      await this.#rechecking;
    }
    const admitted = new Set(instances.filter((instance) => this.#known.has(instance)));
    const unknown = instances.filter((instance) => !admitted.has(instance));
    for (const instance of await this.#found(unknown)) admitted.add(instance);
    for (const instance of admitted) this.#known.set(instance, true);
    return admitted;
  }

  /** The same without using earlier answers. */
  async admittedNow(instances: readonly InstanceId[]): Promise<ReadonlySet<InstanceId>> {
    for (const instance of instances) this.#known.delete(instance);
    const admitted = new Set(await this.#found(instances));
    for (const instance of admitted) this.#known.set(instance, true);
    return admitted;
  }

  async #found(unknown: readonly InstanceId[]): Promise<readonly InstanceId[]> {
    if (unknown.length === 0) return [];
    if (!this.#autoRegister) return this.#registry.registered(unknown);
    await this.#registry.register(unknown);
    return unknown;
  }

  /** Refresh all instances in use at once, so a job rarely has to ask; others are dropped. Registers none. */
  async #recheck(): Promise<void> {
    const inUse = [...this.#known].filter(([, isAskedFor]) => isAskedFor).map(([instance]) => instance);
    const found: (readonly InstanceId[])[] = [];
    for (let from = 0; from < inUse.length; from += ASKED_MAX)
      found.push(await this.#registry.registered(inUse.slice(from, from + ASKED_MAX)));
    this.#known = new Map(found.flat().map((instance) => [instance, false]));
    this.#recheckAt = this.#now() + CHECKED_FOR_MS;
  }
}
