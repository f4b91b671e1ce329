import type { InstanceId, RegisteredInstance } from "@ticktally/core";
import type { BackupInstance, BackupLine } from "@ticktally/schemas";
import type { RedisClient } from "../connection/connection.ts";
import { RedisInstanceRegistry } from "../instances/instance-registry.ts";
import type { Keys } from "../keys.ts";
import { RedisQuarantine } from "../quarantine/quarantine.ts";
import { RedisReconciliationStore } from "../upstream/reconciliation-store.ts";
import { defineScripts } from "../scripts.ts";
import { RedisUpstreamStore } from "../upstream/upstream-store.ts";
import { BackupError } from "./backup-error.ts";
import { InstanceExport } from "./instance-export.ts";
import { Pipeline } from "./pipeline.ts";

export interface BackupOptions {
  readonly redis: RedisClient;
  readonly keys: Keys;
  /** How the quarantine shortens the texts of its entries. */
  readonly shorten: ConstructorParameters<typeof RedisQuarantine>[2];
  /** Unix ms */
  readonly now: () => number;
}

const QUARANTINE_A_LINE = 100;

/** Everything that an export contains, read piece by piece. */
export class BackupSource {
  readonly pipeline: Pipeline;
  readonly #registry: RedisInstanceRegistry;
  readonly #upstreams: RedisUpstreamStore;
  readonly #runs: RedisReconciliationStore;
  readonly #quarantine: RedisQuarantine;
  readonly #export: InstanceExport;

  constructor({ redis, keys, now, shorten }: BackupOptions) {
    defineScripts(redis);
    this.pipeline = new Pipeline(redis, keys);
    this.#registry = new RedisInstanceRegistry(redis, keys);
    this.#upstreams = new RedisUpstreamStore(redis, keys);
    this.#runs = new RedisReconciliationStore(redis, keys);
    this.#quarantine = new RedisQuarantine(redis, keys, shorten);
    const progress = async () => this.pipeline.progress();
    this.#export = new InstanceExport({ redis, keys, progress, now });
  }

  /** @param names names or ids; `undefined` for all @throws {BackupError} if one is unknown */
  async instances(names: readonly string[] | undefined): Promise<readonly RegisteredInstance[]> {
    if (names === undefined) return this.#registry.list();
    const found = await this.#registry.resolve(names);
    const unknown = names.filter((_, i) => found[i] === undefined);
    if (unknown.length > 0) throw new BackupError(`There is no instance ${unknown.join(", ")}.`);
    const byId = new Map(found.flatMap((instance) => (instance === undefined ? [] : [[instance.id, instance]])));
    return [...byId.values()];
  }

  /** @throws {BackupError} if it changed while it was read @throws {StoreUnavailableError} */
  async *instance({ id, name }: RegisteredInstance): AsyncIterable<BackupLine> {
    const [tokens, upstream, reconciliation, { epoch, lines }] = await Promise.all([
      this.#registry.tokensOf(id),
      this.#upstreams.upstream(id),
      this.#runs.last(id),
      this.#export.read(id),
    ]);
    const line: BackupInstance = {
      kind: "instance",
      id,
      name,
      tokens: [...tokens],
      ...(upstream === undefined ? {} : { upstream }),
      ...(reconciliation === undefined ? {} : { reconciliation }),
      ...(epoch === undefined ? {} : { epoch }),
    };
    yield line;
    yield* lines;
  }

  /** @param instances whose entries; `undefined` for all */
  async *quarantine(instances: readonly InstanceId[] | undefined): AsyncIterable<BackupLine> {
    for (const filter of instances?.map((instance) => ({ instance })) ?? [{}]) {
      let cursor: string | undefined;
      do {
        const { entries, nextCursor } = await this.#quarantine.list(filter, QUARANTINE_A_LINE, cursor);
        if (entries.length > 0) yield { kind: "quarantine", entries: [...entries] };
        cursor = nextCursor;
      } while (cursor !== undefined);
    }
  }
}
