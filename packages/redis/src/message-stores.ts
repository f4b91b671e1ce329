import type {
  ChatEraser,
  CountsReader,
  InstanceEraser,
  InstanceId,
  LabelStore,
  MessageLister,
  MessageReader,
  MessageStore,
  SettingsStore,
  StateHistoryReader,
} from "@ticktally/core";
import { RedisChatEraser } from "./chats/chat-eraser.ts";
import { BatchCommitter } from "./commit/batch-committer.ts";
import { InstanceBases } from "./instances/instance-basis.ts";
import { RecordMemory } from "./commit/record-memory.ts";
import { RecordReader } from "./commit/record-reader.ts";
import type { RedisClient } from "./connection/connection.ts";
import { RedisCounts } from "./counters/redis-counts.ts";
import { RedisInstanceEraser } from "./instances/instance-eraser.ts";
import { RedisSettings } from "./instances/redis-settings.ts";
import { RedisStateHistory } from "./instances/redis-state-history.ts";
import type { Keys } from "./keys.ts";
import { RedisLabels } from "./labels/redis-labels.ts";
import { WantedInstances } from "./outbox/wanted-instances.ts";
import { recount } from "./commit/recount.ts";
import { defineScripts } from "./scripts.ts";
import { RedisMessages } from "./messages/redis-messages.ts";

export interface MessageStoresOptions {
  readonly keys: Keys;
  /** Records are kept at least this long after their last event, and at most half as long again. */
  readonly retentionDays: number;
  /**
   * Called before this store first writes to an instance's epoch: returns which instances may be counted. So nothing is stored for an
   * instance that was deleted meanwhile. Default: all of them.
   */
  readonly admit?: (instances: readonly InstanceId[]) => Promise<ReadonlySet<InstanceId>>;
  /** Called when a counter would have gone below 0 and stays at 0, or Redis refused part of a commit. */
  readonly onDamage?: (instance: InstanceId) => void;
}

/** Instances and their messages in Redis, one property per port. */
export interface MessageStores {
  readonly store: MessageStore;
  readonly messages: MessageReader & MessageLister;
  readonly labels: LabelStore;
  readonly counts: CountsReader;
  readonly settings: SettingsStore;
  readonly stateHistory: StateHistoryReader;
  readonly instanceEraser: InstanceEraser;
  readonly chatEraser: ChatEraser;
  /** Count messages that were stored under an older rule by today's. @returns how many these were */
  readonly recount: (instance: InstanceId) => Promise<number>;
}

/**
 * Messages and counts in Redis: packed records in bucketed hashes, changed together with every roll-up by one script. The ports opened
 * together share a cache of instances and records.
 */
export function openMessageStores(
  redis: RedisClient,
  { keys, retentionDays, admit, onDamage = () => undefined }: MessageStoresOptions,
): MessageStores {
  defineScripts(redis);
  const [bases, memory] = [new InstanceBases(redis, keys), new RecordMemory()];
  const reader = new RecordReader({ redis, keys, bases, memory });
  const shared = { redis, keys, bases, reader, retentionDays };
  const wanted = new WantedInstances(redis, keys);
  const committer = new BatchCommitter({ ...shared, memory, wanted, admit, onDamage });
  return {
    store: committer,
    messages: new RedisMessages(redis, keys, reader),
    labels: new RedisLabels({ ...shared, admit, committer }),
    counts: new RedisCounts(redis, keys),
    settings: new RedisSettings(redis, keys),
    stateHistory: new RedisStateHistory(redis, keys),
    instanceEraser: new RedisInstanceEraser(redis, keys),
    chatEraser: new RedisChatEraser(redis, keys, committer),
    recount: async (instance) => recount({ redis, keys, committer }, instance),
  };
}
