import { randomBytes } from "node:crypto";

import { textAnswer } from "@ticktally/schemas";
import type { RedisClient } from "../connection/connection.ts";
import { changeKeys } from "../connection/key-commands.ts";
import type { Keys } from "../keys.ts";
import { positionOf, positionText, type OutboxPosition } from "../outbox/outbox-position.ts";
import { defineScripts } from "../scripts.ts";
import type { ForwardCipher } from "./forward-cipher.ts";
import { laneName, LaneKeys, lanesOf, type Lane } from "./lane-keys.ts";
import { judgeRoom, readRoom } from "./lane-room.ts";
import { packEntry, webhookId } from "./lane-entry.ts";

/** An event for a target. */
export interface EventForTarget extends Lane {
  /** The target's key for hashing event ids. */
  readonly idKey: string;
  readonly body: Buffer;
  /** Unique among the instance's events. */
  readonly key: string;
}

/** How far the outboxes are read. */
export interface FeedProgress {
  /** Everything up to it is read and in lanes. */
  readonly position: OutboxPosition;
  /** Ids of the targets for which that is so. */
  readonly fed: ReadonlySet<string>;
}

interface EventLanesOptions {
  readonly keys: Keys;
  readonly cipher: ForwardCipher;
  readonly laneBytesMax: number;
  readonly allBytesMax: () => number;
}

/** How long the process that reads the outboxes may be stuck before another one takes over. */
const LEASE_MS = 10_000;

/**
 * Puts events into the lanes of targets. One process at a time reads the outboxes. Its position is stored in the same step as what it put
 * into lanes, so another process continues exactly there.
 */
export class EventLanes {
  readonly #redis: RedisClient;
  readonly #keys: LaneKeys;
  readonly #options: EventLanesOptions;
  readonly #holder = randomBytes(12).toString("base64url");

  constructor(redis: RedisClient, options: EventLanesOptions) {
    this.#redis = redis;
    this.#keys = new LaneKeys(options.keys.forwarding);
    this.#options = options;
    defineScripts(redis);
  }

  /**
   * Take the lease on the outboxes, or keep it.
   * @returns how far they are read; `fed` is `undefined` if an older version has stored the position; `undefined` if another process reads them
   */
  async hold(): Promise<Partial<FeedProgress> | undefined> {
    const { root, eventsLease, eventsPosition, eventsFed } = this.#keys;
    return changeKeys(
      this.#redis,
      root,
      [
        ["GET", eventsLease],
        ["GET", eventsPosition],
        ["GET", eventsFed],
      ],
      ([holder, stored, ids]) => {
        const other = textAnswer.parse(holder);
        if (other !== undefined && other !== this.#holder) return { commands: [], outcome: undefined };
        const [position, fed] = [positionOf(textAnswer.parse(stored) ?? ""), textAnswer.parse(ids)];
        return {
          commands: [["SET", eventsLease, this.#holder, "PX", LEASE_MS]],
          outcome: {
            ...(position === undefined ? {} : { position }),
            ...(fed === undefined ? {} : { fed: new Set(fed.split(" ")) }),
          },
        };
      },
    );
  }

  /**
   * @param progress once the events are in lanes
   * @returns lanes with new entries; `undefined` if another process has taken the outboxes, and nothing is stored
   */
  async append(
    events: readonly EventForTarget[],
    { position, fed }: FeedProgress,
    receivedAtMs: number,
  ): Promise<readonly Lane[] | undefined> {
    const keys = this.#keys;
    const { stored, dropped } = await this.#planned(events, receivedAtMs);
    return changeKeys(this.#redis, keys.root, [["GET", keys.eventsLease]], ([holder]) => {
      if (textAnswer.parse(holder) !== this.#holder) return { commands: [], outcome: undefined };
      return {
        commands: [
          ...keys.keep(stored, dropped),
          ["SET", keys.eventsPosition, positionText(position)],
          ["SET", keys.eventsFed, [...fed].join(" ")],
        ],
        outcome: lanesOf(stored),
      };
    });
  }

  /** Add events that come from no outbox. Repeats have the same id. @returns lanes with new entries */
  async put(events: readonly EventForTarget[], receivedAtMs: number): Promise<readonly Lane[]> {
    const { stored, dropped } = await this.#planned(events, receivedAtMs);
    return changeKeys(this.#redis, this.#keys.root, [["GET", this.#keys.version]], () => ({
      commands: this.#keys.keep(stored, dropped),
      outcome: lanesOf(stored),
    }));
  }

  /** No target wants events: the position is no longer needed. */
  async end(): Promise<void> {
    const { root, eventsLease, eventsPosition, eventsFed } = this.#keys;
    await changeKeys(this.#redis, root, [["GET", eventsLease]], ([holder]) => ({
      commands:
        textAnswer.parse(holder) === this.#holder
          ? [
              ["DEL", eventsLease],
              ["DEL", eventsPosition],
              ["DEL", eventsFed],
            ]
          : [],
      outcome: undefined,
    }));
  }

  async #planned(events: readonly EventForTarget[], receivedAtMs: number) {
    const { cipher, laneBytesMax, allBytesMax } = this.#options;
    const keys = this.#keys;
    const planned = events.map(({ target, instance, idKey, body, key }, place) => {
      const lane = { target, instance };
      const id = webhookId(Buffer.from(idKey, "base64"), instance, Buffer.from(key));
      const head = { receivedAtMs, webhookId: id, type: "event" };
      const request = { headers: { "content-type": "application/json" }, body };
      return {
        ...lane,
        place,
        receivedAtMs,
        mayRefuse: false,
        entry: packEntry(cipher, laneName(lane), head, request),
      };
    });
    const room = await readRoom(this.#redis, keys, lanesOf(planned));
    return judgeRoom(planned, { ...room, laneBytesMax, allBytesMax: allBytesMax() });
  }
}
