import type { InstanceId, InstanceRegistry } from "@ticktally/core";

const CHECKED_FOR_MS = 10_000;
/** One call of Redis asks for so many. */
const ASKED_MAX = 1000;

/** A question to Redis that is still being collected for. */
interface Asking {
  readonly instances: Set<InstanceId>;
  readonly registered: Promise<ReadonlySet<InstanceId>>;
}

const NONE: ReadonlySet<InstanceId> = new Set();

/** Which instances may be counted. What is remembered may be ten seconds old, so {@link deleted} asks again once something is stored. */
export class KnownInstances {
  readonly #registry: Pick<InstanceRegistry, "register" | "registered">;
  readonly #autoRegister: boolean;
  readonly #now: () => number;
  /** Those found registered since {@link #recheckAt} was set; whether they were asked for since then. */
  #known = new Map<InstanceId, boolean>();
  #recheckAt = 0;
  #asking: Asking | undefined;

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

  /** Those that may be counted. New ones are registered, unless that is switched off. @throws {StoreUnavailableError} */
  async admitted(instances: readonly InstanceId[]): Promise<ReadonlySet<InstanceId>> {
    if (this.#now() >= this.#recheckAt) await this.#recheck();
    const admitted = new Set(instances.filter((instance) => this.#known.has(instance)));
    const unknown = instances.filter((instance) => !admitted.has(instance));
    for (const instance of await this.#found(unknown)) admitted.add(instance);
    for (const instance of admitted) this.#known.set(instance, true);
    return admitted;
  }

  /**
   * Which of those that something was just stored of were deleted meanwhile, so that nobody would see or delete it. They are registered
   * again, unless that is switched off.
   * @returns those that are not registered @throws {StoreUnavailableError}
   */
  async deleted(instances: readonly InstanceId[]): Promise<ReadonlySet<InstanceId>> {
    const registered = await this.#registeredNow(instances);
    const deleted = instances.filter((instance) => !registered.has(instance));
    if (deleted.length === 0) return NONE;
    for (const instance of deleted) this.#known.delete(instance);
    if (!this.#autoRegister) return new Set(deleted);
    await this.#registry.register(deleted);
    return NONE;
  }

  /** One call of Redis for all jobs that were stored together: they ask in the same turn. */
  async #registeredNow(instances: readonly InstanceId[]): Promise<ReadonlySet<InstanceId>> {
    this.#asking ??= this.#ask();
    for (const instance of instances) this.#asking.instances.add(instance);
    return this.#asking.registered;
  }

  #ask(): Asking {
    const instances = new Set<InstanceId>();
    const registered = new Promise(setImmediate).then(async () => {
      this.#asking = undefined;
      return new Set(await this.#registered([...instances]));
    });
    return { instances, registered };
  }

  async #registered(instances: readonly InstanceId[]): Promise<readonly InstanceId[]> {
    const found: (readonly InstanceId[])[] = [];
    for (let from = 0; from < instances.length; from += ASKED_MAX)
      found.push(await this.#registry.registered(instances.slice(from, from + ASKED_MAX)));
    return found.flat();
  }

  async #found(unknown: readonly InstanceId[]): Promise<readonly InstanceId[]> {
    if (unknown.length === 0) return [];
    if (!this.#autoRegister) return this.#registry.registered(unknown);
    await this.#registry.register(unknown);
    return unknown;
  }

  /** All that are in use at once, so that a job seldom has to ask; the others are forgotten. Registers none. */
  async #recheck(): Promise<void> {
    const inUse = [...this.#known].filter(([, isAskedFor]) => isAskedFor).map(([instance]) => instance);
    this.#known = new Map((await this.#registered(inUse)).map((instance) => [instance, false]));
    this.#recheckAt = this.#now() + CHECKED_FOR_MS;
  }
}
