import type { RegisteredInstance } from "@ticktally/core";
import {
  BACKUP_FORMAT,
  type BackupEpoch,
  type BackupHeader,
  type BackupInstance,
  type BackupInstanceEnd,
  type BackupLine,
} from "@ticktally/schemas";
import { openMessageStores, type MessageStores } from "../message-stores.ts";
import { RedisInstanceRegistry } from "../instances/instance-registry.ts";
import { RedisQuarantine } from "../quarantine/quarantine.ts";
import { RedisReconciliationStore } from "../upstream/reconciliation-store.ts";
import { defineScripts } from "../scripts.ts";
import { RedisUpstreamStore } from "../upstream/upstream-store.ts";
import { BackupError } from "./backup-error.ts";
import type { BackupOptions } from "./backup-source.ts";
import { newHashKey } from "../instances/instance-basis.ts";
import { InstanceConversion } from "../layout-1/instance-conversion.ts";
import { generationMsBy } from "../layout-1/life.ts";
import { InstanceImport, type InstanceImportDeps } from "./instance-import.ts";
import { Pipeline } from "./pipeline.ts";

const CHECKED_AT_ONCE = 500;

/** Where an export is written to. */
export class BackupTarget {
  readonly pipeline: Pipeline;
  readonly #replace: boolean;
  readonly #deps: InstanceImportDeps;
  readonly #registry: RedisInstanceRegistry;
  readonly #upstreams: RedisUpstreamStore;
  readonly #runs: RedisReconciliationStore;
  readonly #quarantine: RedisQuarantine;
  /** Records of a generation in the old format. */
  #generationMs = 0;
  /** Its messages were counted by an older rule. */
  #isToBeRecounted = false;
  #stores: MessageStores | undefined;
  #current: { readonly header: BackupInstance; readonly import: InstanceImport | InstanceConversion } | undefined;

  constructor({ redis, keys, now, shorten }: BackupOptions, { replace }: { readonly replace: boolean }) {
    defineScripts(redis);
    this.pipeline = new Pipeline(redis, keys);
    this.#replace = replace;
    this.#deps = { redis, keys, now };
    this.#registry = new RedisInstanceRegistry(redis, keys);
    this.#upstreams = new RedisUpstreamStore(redis, keys);
    this.#runs = new RedisReconciliationStore(redis, keys);
    this.#quarantine = new RedisQuarantine(redis, keys, shorten);
  }

  /** @returns why these cannot be written, in which case nothing is changed */
  async conflicts(instances: readonly RegisteredInstance[]): Promise<readonly string[]> {
    const faults: string[] = [];
    for (let from = 0; from < instances.length; from += CHECKED_AT_ONCE) {
      const some = instances.slice(from, from + CHECKED_AT_ONCE);
      const [known, owners] = await Promise.all([
        this.#registry.registered(some.map(({ id }) => id)),
        this.#registry.resolve(some.map(({ name }) => name)),
      ]);
      some.forEach(({ id, name }, i) => {
        const owner = owners[i]?.id ?? id;
        if (owner !== id)
          faults.push(`The name ${name} of instance ${id} is taken by ${owner} in this Redis: rename that instance.`);
        else if (!this.#replace && known.includes(id))
          faults.push(
            `Instance ${id} (${name}) already exists in this Redis: use --replace to replace it, or delete it first.`,
          );
      });
    }
    return faults;
  }

  /** The version that wrote the lines that follow. */
  begin({ retentionDays, format }: BackupHeader): void {
    this.#isToBeRecounted = format < BACKUP_FORMAT;
    this.#stores = openMessageStores(this.#deps.redis, { keys: this.#deps.keys, retentionDays });
    this.#generationMs = generationMsBy(retentionDays);
  }

  /** @throws {BackupError} @throws {StoreUnavailableError} instances that were finished before stay imported */
  async write(line: BackupLine): Promise<void> {
    switch (line.kind) {
      case "instance":
        this.#current = { header: line, import: await this.#begin(line) };
        return;
      case "end":
        await this.#finish(line);
        return;
      case "quarantine":
        // Not trimmed here: the next worker that adds an entry trims it.
        await this.#quarantine.put(line.entries);
        return;
      default:
        await this.#current?.import.write(line);
    }
  }

  /** Records exported in the old format are stored in the new layout. */
  async #begin({ id, epoch, life }: BackupInstance): Promise<InstanceImport | InstanceConversion> {
    if (life === undefined) return InstanceImport.begin(this.#deps, id, epoch ?? emptyEpoch());
    const { generation, buckets, first } = life;
    const old = { life: "", generation, buckets, first, last: 0, lastReceipt: 0 };
    return InstanceConversion.begin(this.#deps, id, old, this.#generationMs, []);
  }

  async #finish(end: BackupInstanceEnd): Promise<void> {
    if (this.#current === undefined) return;
    const { id, name, tokens, upstream, reconciliation } = this.#current.header;
    await this.#current.import.commit(end, { replace: this.#replace });
    if (this.#isToBeRecounted) await this.#stores?.recount(id);
    // Finish what was in progress with labels when the export was made.
    await this.#stores?.labels.finish(id);
    this.#current = undefined;
    if (this.#replace) await this.#registry.remove(id);
    const outcome = await this.#registry.create({ id, name });
    if (outcome !== "created")
      throw new BackupError(`Instance ${id} was created during the import (${outcome}): import again with --replace.`);
    // The newest last: it stays valid longest.
    for (const token of tokens.toReversed()) await this.#registry.addToken(id, token);
    await this.#upstreams.setUpstream(id, upstream);
    if (reconciliation !== undefined) await this.#runs.put(id, reconciliation);
  }
}

/** For an instance without messages. */
function emptyEpoch(): BackupEpoch {
  return { hashKey: Buffer.from(newHashKey(), "latin1").toString("base64"), periods: "", summary: "" };
}
