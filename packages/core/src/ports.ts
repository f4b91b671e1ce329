import type { Counts } from "./counters/counters.ts";
import type { ChatKind } from "./chats/chat-id.ts";
import type { Direction, InstanceEvent } from "./messages/message-event.ts";
import type { MessageFilter } from "./messages/message-filter.ts";
import type { MessageRecord } from "./messages/message-record.ts";
import type { Outcome } from "./messages/message-status.ts";
import type { CountSource } from "./counters/timed-slots.ts";

/** See `instance-id.ts`. Digits are kept as text too, because they may exceed 2^53. */
export type InstanceId = string;

/** What happened to one instance, in the order it was told. */
export interface InstanceEvents {
  readonly instance: InstanceId;
  readonly events: readonly InstanceEvent[];
}

/** Where messages and their counts live. Implementations pass `describeMessageStore` from `@ticktally/core/testing`. */
export interface MessageStore {
  /**
   * Apply events of one or several instances. Of each instance records, counts and unique sets move together or not at
   * all, so a caller may repeat a whole call after an error. The only writer.
   *
   * A state event is of no message: it adds to the instance's state history as `addStateReport` says, which gives its outcome too. Like
   * a signal, which is `ignored`, it counts nothing, and moves the time of the last webhook.
   * @param batches each instance once
   * @returns for each batch one outcome per event, in order
   * @throws {StoreUnavailableError} nothing is known to be written: repeat the call
   * @throws {StoreRejectedError} some of these events cannot be applied: repeat the call with fewer
   */
  apply(batches: readonly InstanceEvents[]): Promise<readonly (readonly Outcome[])[]>;
}

export interface MessageReader {
  /** The first of {@link messagesOf}. @returns `undefined` for a message that is not known, or not any more */
  message(
    instance: InstanceId,
    idMessage: string,
    direction: Direction,
    chatId?: string,
  ): Promise<MessageRecord | undefined>;
  /**
   * The messages of an id: several where the gateway's ids are unique within a chat only, at most 17.
   * @param chatId only the one of this chat
   */
  messagesOf(
    instance: InstanceId,
    idMessage: string,
    direction: Direction,
    chatId?: string,
  ): Promise<readonly MessageRecord[]>;
}

/** The gateway's last word on the account, and when it said so (Unix seconds). */
export interface InstanceState {
  readonly state: string;
  readonly at: number;
}

/** What is counted of an instance. Times are Unix seconds. */
export interface InstanceTotals {
  readonly counts: Counts;
  /**
   * How far each growing counter went back because a message turned out to be something else. Added to the count it
   * gives a number that only grows, as Prometheus needs.
   */
  readonly retracted: Counts;
  readonly lastWebhookAt?: number;
  readonly state?: InstanceState;
  /** As in {@link InstanceSettings}. */
  readonly failureRatioMax?: number;
}

/** What is known of an instance as a whole. */
export interface InstanceSummary extends InstanceTotals {
  /** How many different chats, by kind; exact up to 1,000 each, within 1 % beyond. */
  readonly uniqueChats: Readonly<Record<ChatKind, number>>;
  /** Another one whenever the chats behind `uniqueChats` may be others; `undefined` where the store does not tell. */
  readonly chatsVersion?: string;
  /** Messages of the last 7 and 30 days by their own time, to the hour. */
  readonly messagesLast7Days: number;
  readonly messagesLast30Days: number;
  readonly firstMessageAt?: number;
  readonly lastMessageAt?: number;
}

export interface MessageQuery {
  readonly filter: MessageFilter;
  /** Messages a page, 1 to 1,000. */
  readonly limit: number;
  readonly cursor?: string;
}

export interface MessagePage {
  readonly messages: readonly MessageRecord[];
  /** Where the next page begins; `undefined` after the last. A page may be short, even empty, and not be the last. */
  readonly nextCursor?: string;
}

export interface MessageLister {
  /**
   * Page through messages, the most recently seen first, whatever comes in between: none is met twice, and none to which
   * nothing happens meanwhile is missed. Actions (edits, reactions …) are left out.
   * @throws {InvalidCursorError} not a cursor that this store gave
   */
  list(instance: InstanceId, query: MessageQuery): Promise<MessagePage>;
  /** The messages that failed last, newest first, at most 50. */
  recentFailures(instance: InstanceId): Promise<readonly MessageRecord[]>;
}

/** @param time an hour or a day, as its source has it @param slot what it counts, see `counters.ts` and `timed-slots.ts` */
export type TakeCount = (time: number, slot: number, count: number) => void;

export interface CountsReader {
  /**
   * @param now Unix ms
   * @returns one summary per instance, in order; an instance that is not known has empty counts
   */
  summaries(instances: readonly InstanceId[], now: number): Promise<readonly InstanceSummary[]>;
  /** As {@link summaries}, without what takes longer to read: for reading all instances often. */
  totals(instances: readonly InstanceId[]): Promise<readonly InstanceTotals[]>;
  /**
   * Hand over what is counted of an instance by time. One count may come in several parts, even negative ones: they add up.
   * @param from and to: both included, hours since 1970; of latencies days
   */
  eachCount(instance: InstanceId, source: CountSource, from: number, to: number, take: TakeCount): Promise<void>;
  /**
   * What tells each instance's counts by time in hours that are over: another text whenever they may be others.
   * @param beforeHour hours since 1970: only hours before it count, and it began a few minutes ago at least
   */
  pastVersions(instances: readonly InstanceId[], beforeHour: number): Promise<readonly string[]>;
}

export interface ChatUnionReader {
  /**
   * How many different chats instances have together, by kind: one that several have counts once. Exactness as in {@link InstanceSummary}.
   * @param versions of the instances, as {@link InstanceSummary} tells them: what was read under the same one need not be read again
   */
  uniqueChats(
    instances: readonly InstanceId[],
    versions?: readonly (string | undefined)[],
  ): Promise<Readonly<Record<ChatKind, number>>>;
}

export interface InstanceSettings {
  readonly ignoreGroupMessages: boolean;
  /** Above this share of failures, in (0, 1], an alert fires; `undefined`: above the one that holds for all. */
  readonly failureRatioMax?: number;
}

/** What is not given stays. */
export interface InstanceSettingsChange {
  readonly ignoreGroupMessages?: boolean | undefined;
  /** `null`: the one that holds for all again. */
  readonly failureRatioMax?: number | null | undefined;
}

export interface SettingsStore {
  /** @returns the settings of each instance, in order; defaults for one that is not known */
  settings(instances: readonly InstanceId[]): Promise<readonly InstanceSettings[]>;
  changeSettings(instance: InstanceId, settings: InstanceSettingsChange): Promise<void>;
}

export interface StateHistoryReader {
  /** @returns the last reports of its state, oldest first, see `stateChanges`; none for an instance that is not known */
  stateReports(instance: InstanceId): Promise<readonly InstanceState[]>;
}

/** What a list of instances tells of each. */
export interface InstanceOverview {
  readonly state?: InstanceState;
  /** Unix seconds */
  readonly lastWebhookAt?: number;
  readonly settings: InstanceSettings;
}

export interface OverviewReader {
  /** One small read for each, so that thousands may be listed. @returns in order; empty for one that is not known */
  overviews(instances: readonly InstanceId[]): Promise<readonly InstanceOverview[]>;
}

export interface RegisteredInstance {
  readonly id: InstanceId;
  /** What it is called in URLs and metrics: its id until it is renamed. */
  readonly name: string;
}

export interface InstancePage {
  readonly instances: readonly RegisteredInstance[];
  /** Of all that there are. */
  readonly total: number;
  /** After which name the next page begins; `undefined` after the last. */
  readonly next?: string;
}

export interface InstanceRegistry {
  /** Make instances known under their ids; known ones stay as they are. @param instances at least one */
  register(instances: readonly InstanceId[]): Promise<void>;
  /** @param instances at least one @returns those of them that are known */
  registered(instances: readonly InstanceId[]): Promise<readonly InstanceId[]>;
  /** All at once: for tools. Who serves others takes {@link page} or {@link slices}. */
  list(): Promise<readonly RegisteredInstance[]>;
  /** The first so many by name, after the one that a page before named as `next`. Costs what it returns, not what there is. */
  page(limit: number, after?: string): Promise<InstancePage>;
  /** All, some at a time, in no order. One may come twice; those that are made or deleted meanwhile may be missing. */
  slices(): AsyncIterable<readonly RegisteredInstance[]>;
  /** @param names names or ids, at least one @returns one per name, in order; `undefined` for an unknown one */
  resolve(names: readonly string[]): Promise<readonly (RegisteredInstance | undefined)[]>;
  /** Whose TokenInstance this is. @param tokenSha256 hex */
  tokenOwner(tokenSha256: string): Promise<InstanceId | undefined>;
}

/** Makes and names instances, and gives them tokens. */
export interface InstanceAdministration {
  /** @returns what stood in the way, if anything */
  create(instance: RegisteredInstance): Promise<"created" | "id_taken" | "name_taken">;
  rename(id: InstanceId, name: string): Promise<"renamed" | "name_taken" | "unknown">;
  /** Unregister an instance: its name and tokens are free again. Its data is for {@link InstanceEraser}. */
  remove(id: InstanceId): Promise<void>;
  /** Give an instance a token. The one before stays valid, those before that end. @param tokenSha256 hex */
  addToken(id: InstanceId, tokenSha256: string): Promise<"added" | "unknown">;
}

export interface InstanceEraser {
  /** Forget all messages, counts and settings of an instance: at once for every reader. What takes longer is left to {@link erase}. */
  forget(instance: InstanceId): Promise<void>;
  /**
   * As {@link forget}, if what is there has not changed since a mark of it was given.
   * @param mark what an earlier call returned; "" to forget nothing
   * @returns a mark of what is there afterwards; "" if there is nothing
   */
  forgetUnchanged(instance: InstanceId, mark: string): Promise<string>;
  /** Delete what forgotten instances left. May be stopped at any point and called again, by several at once. @returns keys deleted */
  erase(): Promise<number>;
}

/** What was found of a chat that is forgotten. */
export interface ForgottenChat {
  /** Messages that were in it. They stay counted, by kind too. */
  readonly messages: number;
  /** Messages of which it was one of several recipients. */
  readonly recipients: number;
}

export interface ChatEraser {
  /**
   * Forget a chat's id wherever an instance keeps it: its messages no longer tell their chat, even if more is reported of them, and it is
   * none of the unique chats (of which, beyond 1,000, only a number is kept that does not go down). A new message begins again.
   * May be repeated. @param chatId normalised
   */
  forgetChat(instance: InstanceId, chatId: string): Promise<ForgottenChat>;
}

/** Where an instance lives at its gateway, so that we can ask there. */
export interface Upstream {
  /** Such as `https://7103.api.greenapi.com`, without a slash at the end. */
  readonly apiUrl: string;
  readonly apiTokenInstance: string;
  /** Read notifications from there instead of waiting for webhooks. */
  readonly pull: boolean;
  /** Minutes between two looks into the gateway's journals; 0 for never. */
  readonly reconcileEveryMinutes: number;
}

export interface UpstreamStore {
  /** @param instances if not all: those of them that have one */
  upstreams(instances?: readonly InstanceId[]): Promise<ReadonlyMap<InstanceId, Upstream>>;
  upstream(instance: InstanceId): Promise<Upstream | undefined>;
  /** @param upstream `undefined` to forget it */
  setUpstream(instance: InstanceId, upstream: Upstream | undefined): Promise<void>;
}

/** Where accepted webhooks wait for a worker. */
export interface WebhookQueue {
  readonly shards: number;
  /**
   * Store a batch. When this returns, the batch is as safe as Redis keeps things.
   * @param lines as `webhookLine` makes them @param receivedAtMs receipt of the oldest
   * @returns the job's id, which the worker's log has too
   * @throws {StoreUnavailableError} it may or may not be stored; storing it again does no harm
   */
  put(shard: number, lines: readonly string[], receivedAtMs: number): Promise<string>;
  /** Jobs of a shard that no worker has taken yet. */
  waiting(shard: number): Promise<number>;
}

export interface QueueStatus {
  readonly waiting: number;
  readonly active: number;
  readonly delayed: number;
  readonly failed: number;
  /** Receipt of the oldest webhook that is not applied yet, Unix ms; never later than that. */
  readonly oldestReceivedAtMs?: number;
}

export interface QueueReader {
  /**
   * All queues together. What was answered 200 before the call and is not applied is always in it. What is added during the
   * call may be missing, even if it was received earlier: it had no answer yet when the call began.
   */
  status(): Promise<QueueStatus>;
}
