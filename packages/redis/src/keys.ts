import type { CountSource, InstanceId } from "@ticktally/core";

/**
 * Every key this product has in Redis. All keys of an instance share the hash tag `{idInstance}`, so that one script may
 * touch them in a cluster; a queue's keys share the tag of its shard; the registry has a tag of its own.
 */
export class Keys {
  readonly #space: string;

  /** @param space what all keys begin with; tests take one each */
  constructor(space = "ticktally") {
    this.#space = space;
  }

  /** What all keys of an instance begin with; {@link INSTANCE_KEYS} follow. */
  instance(instance: InstanceId): string {
    return `${this.#space}:{${instance}}:`;
  }

  /** What BullMQ puts before a queue's name. */
  queuePrefix(shard: number): string {
    return `${this.#space}:{queue-${String(shard)}}`;
  }

  /** What is known of the receipts in a queue, see `queue-receipts.ts`: ranges, the highest id read, and what is still to be read. */
  queueReceipts(shard: number): readonly string[] {
    const parts = ["ranges", "end", "wait", "active", "delayed", "failed"];
    return parts.map((part) => `${this.queuePrefix(shard)}:receipts:${part}`);
  }

  /** idInstance → name */
  get instanceNames(): string {
    return this.#ofRegistry("registered");
  }

  /** The same in version 0.1; today a text, see `stored-layout.ts`. */
  get instanceNamesOld(): string {
    return this.#ofRegistry("instances");
  }

  /** name → idInstance */
  get instancesByName(): string {
    return this.#ofRegistry("names");
  }

  /** All names in the order of their bytes; made from {@link instancesByName} where it is not complete. */
  get namesInOrder(): string {
    return this.#ofRegistry("names-in-order");
  }

  /** idInstance → its place among all that were ever registered, from 1; made where it is not complete, see `shown-instances.ts`. */
  get registrationOrder(): string {
    return this.#ofRegistry("in-order");
  }

  /** `from` and `to`: the places of those that Prometheus is shown in one sum. */
  get summedPlaces(): string {
    return this.#ofRegistry("summed");
  }

  /** counter → what instances counted that were in that sum, and are no more. */
  get summedOnce(): string {
    return this.#ofRegistry("summed-once");
  }

  /** SHA-256 of a TokenInstance, hex → idInstance */
  get tokens(): string {
    return this.#ofRegistry("tokens");
  }

  /** idInstance → SHA-256 of its valid tokens, newest first, separated by spaces */
  get instanceTokens(): string {
    return this.#ofRegistry("instance-tokens");
  }

  /** SHA-256 of a read token, hex → the token's id, name and creation as JSON */
  get readTokens(): string {
    return this.#ofRegistry("read-tokens");
  }

  /** id of a read token → its last use, Unix seconds */
  get readTokenUses(): string {
    return this.#ofRegistry("read-token-uses");
  }

  /** + SHA-256 of a console's session, hex → SHA-256 of the token it was opened with */
  get sessionPrefix(): string {
    return this.#ofRegistry("session:");
  }

  /** ids of the processes that reported */
  get heartbeats(): string {
    return this.#ofRegistry("heartbeats");
  }

  /** + id of a process → how it is, as JSON; gone some seconds after its last report */
  get heartbeatPrefix(): string {
    return this.#ofRegistry("heartbeat:");
  }

  /** + who asks → requests in this minute */
  get rateLimitPrefix(): string {
    return this.#ofRegistry("rate-limit:");
  }

  /** idInstance → where it lives at its gateway, as JSON */
  get upstreams(): string {
    return this.#ofRegistry("upstreams");
  }

  /** idInstance → last reconciliation, as JSON */
  get reconciliations(): string {
    return this.#ofRegistry("reconciliations");
  }

  /** Held by the process that asked an instance's gateway last, for as long as no other may ask. */
  gatewayPace(instance: InstanceId): string {
    return `${this.#space}:{${instance}}:gateway-pace`;
  }

  /** Held by the process that pulls an instance's notifications. */
  pullLease(instance: InstanceId): string {
    return `${this.#space}:{${instance}}:pull-lease`;
  }

  /** Instances of which something forgotten is still to be deleted. */
  get forgotten(): string {
    return this.#ofRegistry("forgotten");
  }

  /** Instances with whose labels something was begun that may be unfinished. */
  get labelsUnfinished(): string {
    return this.#ofRegistry("labels-unfinished");
  }

  /** instances that were deleted lately, by when, Unix ms */
  get deletedInstances(): string {
    return this.#ofRegistry("deleted");
  }

  /** entry id → entry as JSON */
  get quarantine(): string {
    return this.#ofRegistry("quarantine");
  }

  /** entry ids by the time they were put, Unix ms */
  get quarantineOrder(): string {
    return this.#ofRegistry("quarantine-order");
  }

  /** entry id → its bytes, reason and instance, separated by a space */
  get quarantineTags(): string {
    return this.#ofRegistry("quarantine-tags");
  }

  /** instances by the bytes that they have in the quarantine; "" for what names none */
  get quarantineShares(): string {
    return this.#ofRegistry("quarantine-shares");
  }

  /** bytes of the whole quarantine */
  get quarantineBytes(): string {
    return this.#ofRegistry("quarantine-bytes");
  }

  /** + instance → ids of its entries by the time they were put, Unix ms */
  get quarantineOwn(): string {
    return this.#ofRegistry("quarantine-of:");
  }

  /**
   * What all keys of forwarding begin with, see `lua/lanes.lua`. They share one tag, so that what all lanes hold is counted exactly: it is
   * bounded by a part of one server's memory anyway.
   */
  get forwarding(): string {
    return `${this.#space}:{forward}:`;
  }

  /** What BullMQ puts before the name of the queue of lanes. */
  get forwardQueuePrefix(): string {
    return `${this.#space}:{forward}`;
  }

  /** What all keys of alerting begin with. */
  get alerting(): string {
    return `${this.#space}:{alerts}:`;
  }

  /** A key to try a Redis with; of a cluster's masters each has one of the first few. */
  trial(n: number): string {
    return `${this.#space}:{trial-${String(n)}}`;
  }

  /** instances whose outboxes are read, `*` for all, by until when, Unix seconds */
  get outboxesWanted(): string {
    return this.#ofRegistry("outboxes-wanted");
  }

  /** the same members, by since when what becomes of their messages is added to their outboxes without a gap, Unix ms */
  get outboxesWantedSince(): string {
    return this.#ofRegistry("outboxes-wanted-since");
  }

  #ofRegistry(what: string): string {
    return `${this.#space}:{registry}:${what}`;
  }
}

/** One hash holds so many hours: with one origin that stays below the 128 fields of a listpack. */
export const HOURS_A_KEY = 8;
export const DAYS_A_KEY = 64;
/** Of latencies: a day has some 40 fields. */
const LATENCY_DAYS_A_KEY = 3;

/** What follows an instance's prefix. Those that end in ":" are prefixes themselves; see `lua/commit-batch.lua`. */
export const INSTANCE_KEYS = {
  /** epoch, summary, periods, state, stateAt, stateReports, approximate, ignoreGroups, failureRatioMax, chatsVersion; head, which stops older versions */
  META: "meta",
  COUNTS: "counts",
  RETRACTED: "retracted",
  /** Changes of counters that are still to be added to these and to hours and days; see `lua/add-pending.lua`. */
  PENDING: "pending",
  /** What became of messages, while a client wants to know; see `outbox/outbox.ts`. */
  OUTBOX: "outbox",
  MESSAGES: "messages:",
  EXTRAS: "extras:",
  ARRIVALS: "arrivals:",
  FAILED: "failures",
  FORGOTTEN: "forgotten",
  /** What an import is writing, as an entry of FORGOTTEN, until it is done. */
  IMPORTING: "importing",
  HOURS: "hours:",
  DAYS: "days:",
  /** Messages by type and by kind of chat, by the hour. */
  KINDS: "kinds:",
  /** What moves counts by the hour to the hours of their messages. */
  COHORTS: "cohorts:",
  LATENCIES: "latencies:",
  /** Labels: name → number; "" → the last number that was given. */
  LABELS: "labels",
  /** number of a label → its counts in total, see `labels/label-codec.ts` */
  LABEL_COUNTS: "label-counts",
  /** + day since 1970 → hash: label and hour → counts */
  LABEL_HOURS: "label-hours:",
  /** day → fields of its hash of LABEL_HOURS, so that all together are bounded */
  LABEL_DAYS: "label-days",
  /** day → ids labelled last on it that are not known yet */
  LABEL_WAITING: "label-waiting",
  /** What was begun with labels and is not finished, see `labels/label-work.ts`. */
  LABEL_WORK: "label-work",
  CHATS: "chats:",
} as const;

/** Where counts by time are: hashes, each of so many hours or days. A field has one character for the place in them, so at most 64. */
export const COUNT_KEYS = {
  hours: { prefix: INSTANCE_KEYS.HOURS, timesAKey: HOURS_A_KEY },
  kinds: { prefix: INSTANCE_KEYS.KINDS, timesAKey: HOURS_A_KEY },
  cohorts: { prefix: INSTANCE_KEYS.COHORTS, timesAKey: HOURS_A_KEY },
  latencies: { prefix: INSTANCE_KEYS.LATENCIES, timesAKey: LATENCY_DAYS_A_KEY },
} as const satisfies Record<CountSource, { readonly prefix: string; readonly timesAKey: number }>;
