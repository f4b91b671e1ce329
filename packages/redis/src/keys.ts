import type { CountSource, InstanceId } from "@ticktally/core";

/**
 * Every key Ticktally has in Redis. All keys of an instance share the hash tag `{idInstance}`, so one script may use them in a cluster. A
 * queue's keys share the tag of its shard, and the registry has its own tag.
 */
export class Keys {
  readonly #space: string;

  /** @param space prefix of all keys; each test uses its own */
  constructor(space = "ticktally") {
    this.#space = space;
  }

  /** Prefix of all keys of an instance; {@link INSTANCE_KEYS} follow. */
  instance(instance: InstanceId): string {
    return `${this.#space}:{${instance}}:`;
  }

  /** BullMQ's prefix of a queue's name. */
  queuePrefix(shard: number): string {
    return `${this.#space}:{queue-${String(shard)}}`;
  }

  /** State of the receipts in a queue, see `queue-receipts.ts`: ranges, the highest id read, and what is still to be read. */
  queueReceipts(shard: number): readonly string[] {
    const parts = ["ranges", "end", "wait", "active", "delayed", "failed"];
    return parts.map((part) => `${this.queuePrefix(shard)}:receipts:${part}`);
  }

  /** idInstance → name */
  get instanceNames(): string {
    return this.#ofRegistry("registered");
  }

  /** The same in version 0.1; now a string, see `stored-layout.ts`. */
  get instanceNamesOld(): string {
    return this.#ofRegistry("instances");
  }

  /** name → idInstance */
  get instancesByName(): string {
    return this.#ofRegistry("names");
  }

  /** All names in byte order; rebuilt from {@link instancesByName} if incomplete. */
  get namesInOrder(): string {
    return this.#ofRegistry("names-in-order");
  }

  /** idInstance → its place in the order of registration, from 1; rebuilt if incomplete, see `shown-instances.ts`. */
  get registrationOrder(): string {
    return this.#ofRegistry("in-order");
  }

  /** `from` and `to`: the places of the instances that are exported to Prometheus as one sum. */
  get summedPlaces(): string {
    return this.#ofRegistry("summed");
  }

  /** counter → counts of instances that were part of that sum and left it. */
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

  /** + id of a process → its state as JSON; expires a few seconds after its last report */
  get heartbeatPrefix(): string {
    return this.#ofRegistry("heartbeat:");
  }

  /** + client → requests in this minute */
  get rateLimitPrefix(): string {
    return this.#ofRegistry("rate-limit:");
  }

  /** idInstance → its upstream at the gateway, as JSON */
  get upstreams(): string {
    return this.#ofRegistry("upstreams");
  }

  /** idInstance → last reconciliation, as JSON */
  get reconciliations(): string {
    return this.#ofRegistry("reconciliations");
  }

  /** Set by the process that last called an instance's gateway; lasts until the next call is allowed. */
  gatewayPace(instance: InstanceId): string {
    return `${this.#space}:{${instance}}:gateway-pace`;
  }

  /** Lease of the process that pulls an instance's notifications. */
  pullLease(instance: InstanceId): string {
    return `${this.#space}:{${instance}}:pull-lease`;
  }

  /** Instances with forgotten data that are still to be deleted. */
  get forgotten(): string {
    return this.#ofRegistry("forgotten");
  }

  /** Instances whose labels may have unfinished work. */
  get labelsUnfinished(): string {
    return this.#ofRegistry("labels-unfinished");
  }

  /** recently deleted instances, by time of deletion, Unix ms */
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

  /** instances by their bytes in the quarantine; "" for entries that name none */
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
   * Prefix of all keys of forwarding, see `forwarding/lane-keys.ts`. They share one tag, so the bytes of all lanes are counted exactly. A
   * part of one server's memory limits them anyway.
   */
  get forwarding(): string {
    return `${this.#space}:{forward}:`;
  }

  /** BullMQ's prefix for the queue of lanes. */
  get forwardQueuePrefix(): string {
    return `${this.#space}:{forward}`;
  }

  /** Prefix of all keys of alerting. */
  get alerting(): string {
    return `${this.#space}:{alerts}:`;
  }

  /** A key to test a Redis with. Each master of a cluster holds one of the first few. */
  trial(n: number): string {
    return `${this.#space}:{trial-${String(n)}}`;
  }

  /** instances whose outboxes are read, `*` for all, by expiry, Unix seconds */
  get outboxesWanted(): string {
    return this.#ofRegistry("outboxes-wanted");
  }

  /** the same members, by the time since which their outboxes have no gap, Unix ms */
  get outboxesWantedSince(): string {
    return this.#ofRegistry("outboxes-wanted-since");
  }

  #ofRegistry(what: string): string {
    return `${this.#space}:{registry}:${what}`;
  }
}

/** Hours per hash: with one origin that stays below the 128 fields of a listpack. */
export const HOURS_A_KEY = 8;
export const DAYS_A_KEY = 64;
/** Days per hash of latencies: a day has about 40 fields. */
const LATENCY_DAYS_A_KEY = 3;

/** The parts after an instance's prefix. Those that end in ":" are prefixes themselves; see `lua/commit-batch.lua`. */
export const INSTANCE_KEYS = {
  /** epoch, summary, periods, state, stateAt, stateReports, approximate, ignoreGroups, failureRatioMax, chatsVersion; head, which stops older versions */
  META: "meta",
  COUNTS: "counts",
  RETRACTED: "retracted",
  /** Changes of counters that are not yet added to totals, hours and days; see `lua/add-pending.lua`. */
  PENDING: "pending",
  /** Transitions of messages, while a client reads them; see `outbox/outbox.ts`. */
  OUTBOX: "outbox",
  MESSAGES: "messages:",
  EXTRAS: "extras:",
  ARRIVALS: "arrivals:",
  FAILED: "failures",
  FORGOTTEN: "forgotten",
  /** The epoch that an import is writing, as an entry of FORGOTTEN, until it is done. */
  IMPORTING: "importing",
  HOURS: "hours:",
  DAYS: "days:",
  /** Messages by type and by kind of chat, by the hour. */
  KINDS: "kinds:",
  /** Shifts of counts by the hour to the hours of their messages. */
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
  /** Unfinished work on labels, see `labels/label-work.ts`. */
  LABEL_WORK: "label-work",
  CHATS: "chats:",
} as const;

/**
 * Where counts by time are: hashes that cover a number of hours or days each. A field has one character for the position, so at most 64.
 */
export const COUNT_KEYS = {
  hours: { prefix: INSTANCE_KEYS.HOURS, timesAKey: HOURS_A_KEY },
  kinds: { prefix: INSTANCE_KEYS.KINDS, timesAKey: HOURS_A_KEY },
  cohorts: { prefix: INSTANCE_KEYS.COHORTS, timesAKey: HOURS_A_KEY },
  latencies: { prefix: INSTANCE_KEYS.LATENCIES, timesAKey: LATENCY_DAYS_A_KEY },
} as const satisfies Record<CountSource, { readonly prefix: string; readonly timesAKey: number }>;
