import type { InstanceId, InstanceRegistry } from "@ticktally/core";
import { LRUCache } from "lru-cache";

/** Which instances may be counted. An instance that is deleted here comes back with its next webhook after half a minute. */
export class KnownInstances {
  readonly #registry: Pick<InstanceRegistry, "register" | "isRegistered">;
  readonly #autoRegister: boolean;
  readonly #known = new LRUCache<InstanceId, true>({ max: 100_000, ttl: 30_000 });

  constructor(registry: Pick<InstanceRegistry, "register" | "isRegistered">, autoRegister: boolean) {
    this.#registry = registry;
    this.#autoRegister = autoRegister;
  }

  /** Registers an instance that is new, unless that is switched off. @throws {StoreUnavailableError} */
  async admits(instance: InstanceId): Promise<boolean> {
    if (this.#known.has(instance)) return true;
    if (this.#autoRegister) await this.#registry.register(instance);
    else if (!(await this.#registry.isRegistered(instance))) return false;
    this.#known.set(instance, true);
    return true;
  }
}
