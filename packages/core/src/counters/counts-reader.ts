import type { ChatKind } from "../chats/chat-id.ts";
import type { Counts } from "./counters.ts";
import type { CountSource } from "./timed-slots.ts";
import type { InstanceId } from "../instances/instance-id.ts";
import type { InstanceState } from "../instances/state-history.ts";

/** What is counted of an instance. Times are Unix seconds. */
export interface InstanceTotals {
  readonly counts: Counts;
  /**
   * How far each counter went back because a message turned out to be something else. Count plus correction only grows, as Prometheus
   * needs.
   */
  readonly retracted: Counts;
  readonly lastWebhookAt?: number;
  readonly state?: InstanceState;
  /** As in `InstanceSettings`. */
  readonly failureRatioMax?: number;
}

/** What is known about an instance as a whole. */
export interface InstanceSummary extends InstanceTotals {
  /** How many different chats, by kind; exact up to 1,000 each, within 1 % beyond. */
  readonly uniqueChats: Readonly<Record<ChatKind, number>>;
  /** Changes whenever the set of chats behind `uniqueChats` may have changed; `undefined` if the store does not track it. */
  readonly chatsVersion?: string;
  /** Messages of the last 7 and 30 days by their own time, to the hour. */
  readonly messagesLast7Days: number;
  readonly messagesLast30Days: number;
  readonly firstMessageAt?: number;
  readonly lastMessageAt?: number;
}

/** @param time an hour or a day, depending on the source @param slot what it counts, see `counters.ts` and `timed-slots.ts` */
export type TakeCount = (time: number, slot: number, count: number) => void;

export interface CountsReader {
  /**
   * @param now Unix ms
   * @returns one summary per instance, in order; an instance that is not known has empty counts
   */
  summaries(instances: readonly InstanceId[], now: number): Promise<readonly InstanceSummary[]>;
  /** As {@link summaries}, without the parts that take longer to read: for reading all instances often. */
  totals(instances: readonly InstanceId[]): Promise<readonly InstanceTotals[]>;
  /**
   * Read an instance's counts by time. One count may arrive in several parts, even negative ones: add them up.
   * @param from and to: both included, hours since 1970; of latencies days
   */
  eachCount(instance: InstanceId, source: CountSource, from: number, to: number, take: TakeCount): Promise<void>;
  /**
   * A version of each instance's counts in hours that are over. It changes whenever these counts may have changed.
   * @param beforeHour hours since 1970: only hours before it count; it must have begun at least a few minutes ago
   */
  pastVersions(instances: readonly InstanceId[], beforeHour: number): Promise<readonly string[]>;
}

export interface ChatUnionReader {
  /**
   * How many different chats instances have together, by kind; a chat of several instances counts once. As exact as {@link
   * InstanceSummary}.
   * @param versions the `chatsVersion` of each instance: what was read under the same version need not be read again
   */
  uniqueChats(
    instances: readonly InstanceId[],
    versions?: readonly (string | undefined)[],
  ): Promise<Readonly<Record<ChatKind, number>>>;
}
