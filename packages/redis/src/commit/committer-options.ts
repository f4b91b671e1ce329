import type { InstanceId } from "@ticktally/core";
import type { RedisClient } from "../connection/connection.ts";
import type { Keys } from "../keys.ts";
import type { InstanceBases } from "../instances/instance-basis.ts";
import type { RecordMemory } from "./record-memory.ts";
import type { RecordReader } from "./record-reader.ts";
import type { WantedInstances } from "../outbox/wanted-instances.ts";

export interface BatchCommitterOptions {
  readonly redis: RedisClient;
  readonly keys: Keys;
  readonly bases: InstanceBases;
  readonly reader: RecordReader;
  readonly memory: RecordMemory;
  readonly wanted: WantedInstances;
  readonly retentionDays: number;
  /** See `MessageStoresOptions`. */
  readonly admit: ((instances: readonly InstanceId[]) => Promise<ReadonlySet<InstanceId>>) | undefined;
  /** Called when a counter would have gone below 0, or Redis refused part of a commit; the rest is stored. */
  readonly onDamage: (instance: InstanceId) => void;
}
