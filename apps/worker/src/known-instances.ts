import type { InstanceId, InstanceRegistry } from "@ticktally/core";
import { LRUCache } from "lru-cache";

/** Which instances may be counted. One that is deleted comes back with its next webhook, after ten seconds at most. */
export class KnownInstances {
  readonly #registry: Pick<InstanceRegistry, "register" | "registered">;
  readonly #autoRegister: boolean;
  readonly #known = new LRUCache<InstanceId, true>({ max: 100_000, ttl: 10_000 });

  constructor(registry: Pick<InstanceRegistry, "register" | "registered">, autoRegister: boolean) {
    this.#registry = registry;
    this.#autoRegister = autoRegister;
  }

  /** Those that may be counted. New ones are registered, unless that is switched off. @throws {StoreUnavailableError} */
  async admitted(instances: readonly InstanceId[]): Promise<ReadonlySet<InstanceId>> {
    const unknown = instances.filter((instance) => !this.#known.has(instance));
    if (unknown.length === 0) return new Set(instances);
    if (this.#autoRegister) await this.#registry.register(unknown);
    const found = this.#autoRegister ? unknown : await this.#registry.registered(unknown);
    for (const instance of found) this.#known.set(instance, true);
    return new Set(instances.filter((instance) => found.includes(instance) || !unknown.includes(instance)));
  }
}
