import { randomBytes } from "node:crypto";
import type { InstanceId } from "@ticktally/core";
import { textAnswer, valueAnswer, type StoredDeadLetter } from "@ticktally/schemas";
import type { RedisClient } from "../connection/connection.ts";
import { changeKeys, type KeyChange, type KeyCommand } from "../connection/key-commands.ts";
import type { Keys } from "../keys.ts";
import { defineScripts } from "../scripts.ts";
import { storeError } from "../connection/store-error.ts";
import { newDeadId } from "./dead-letters.ts";
import { entryHead } from "./lane-entry.ts";
import { LaneKeys, type Lane } from "./lane-keys.ts";

/** The first entry of a lane, and the identity of its holder. */
export interface FirstEntry {
  readonly kind: "entry";
  /** New each time the lease is taken: a process that lost the lease can change nothing. */
  readonly fence: string;
  /** From 1. */
  readonly attempt: number;
  readonly entry: Buffer;
  /** The version of the targets at the same moment. */
  readonly targetsVersion: string;
}

/** `busy`: another process works on this lane. `lost`: the lease was lost to another process. */
export type Step = FirstEntry | { readonly kind: "busy" | "lost" | "empty" | "end" };

/** What happened to the first entry, and what to do next. */
export interface StepRequest {
  /** The lease of the previous entry; without it a new lease is taken. */
  readonly fence?: string;
  readonly done?: Done;
  readonly attempt?: Attempt;
  /** `go`: return the next entry, which will be attempted. `look`: return it without attempting it. `end`: no more. */
  readonly next: "go" | "look" | "end";
  /** How long the lease lasts from now on, if there is an entry. */
  readonly leaseMs: number;
  /** Unix ms */
  readonly nowMs: number;
}

export type Done =
  | { readonly kind: "sent"; readonly entry: Buffer }
  | { readonly kind: "dead"; readonly entry: Buffer; readonly known: StoredDeadLetter };

/** An attempt as it is listed. */
export interface Attempt {
  /** Unix ms */
  readonly atMs: number;
  readonly instance: InstanceId;
  readonly status: string;
  readonly durationMs: number;
}

const ATTEMPTS_KEPT = 100;
/** How many dead letters of a target can be replayed; of further ones only the description is kept. */
const DEAD_BYTES_MAX = 16 * 1024 * 1024;

/** The consuming end of lanes. */
export class LaneReader {
  readonly #redis: RedisClient;
  readonly #keys: LaneKeys;

  constructor(redis: RedisClient, keys: Keys) {
    this.#redis = redis;
    this.#keys = new LaneKeys(keys.forwarding);
    defineScripts(redis);
  }

  /** @throws {StoreUnavailableError} it may have been done or not */
  async step(lane: Lane, request: StepRequest): Promise<Step> {
    const keys = this.#keys;
    const reads: readonly KeyCommand[] = [
      ["GET", keys.lease(lane)],
      ["LINDEX", keys.lane(lane), 0],
      ["LINDEX", keys.lane(lane), 1],
      ["HGET", keys.tries(lane.target), lane.instance],
      ["HGET", keys.stats(lane.target), "deadBytes"],
      ["GET", keys.version],
    ];
    return changeKeys(this.#redis, keys.root, reads, ([holder, first, second, tries, deadBytes, version]) =>
      decideStep(keys, lane, request, {
        holder: textAnswer.parse(holder),
        first: valueAnswer.parse(first),
        second: valueAnswer.parse(second),
        tries: Number(textAnswer.parse(tries) ?? 0),
        deadBytes: Number(textAnswer.parse(deadBytes) ?? 0),
        targetsVersion: textAnswer.parse(version) ?? "0",
      }),
    );
  }

  /** Extend a lane's lease. @returns `false` if the caller does not hold it, or no longer */
  async renew(lane: Lane, fence: string, leaseMs: number): Promise<boolean> {
    const lease = this.#keys.lease(lane);
    return changeKeys(this.#redis, this.#keys.root, [["GET", lease]], ([holder]) => {
      const isOurs = textAnswer.parse(holder) === fence;
      return { commands: isOurs ? [["SET", lease, fence, "PX", leaseMs]] : [], outcome: isOurs };
    });
  }

  /** Discard what was received before a time, Unix ms. A request in progress is interrupted. */
  async dropOlder(lane: Lane, beforeMs: number): Promise<void> {
    const keys = this.#keys;
    const reads: readonly KeyCommand[] = [
      ["LINDEX", keys.lane(lane), 0],
      ["LINDEX", keys.lane(lane), 1],
    ];
    let isOver = false;
    while (!isOver)
      isOver = await changeKeys(this.#redis, keys.root, reads, ([head, next]) => {
        const [first, second] = [valueAnswer.parse(head), valueAnswer.parse(next)];
        if (first === undefined || entryHead(first).receivedAtMs >= beforeMs) return { commands: [], outcome: true };
        const removed = [...shifted(keys, lane, first, second), ...keys.freed(lane.target, first.length)];
        return { commands: [...removed, ["DEL", keys.lease(lane)]], outcome: false };
      });
  }

  /** The lanes of a target that have entries, by the receipt of the oldest. */
  async lanesOf(target: string): Promise<readonly Lane[]> {
    const instances = await this.#redis.zrange(this.#keys.lanesOf(target), "0", "-1").catch(storeError);
    return instances.map((instance) => ({ target, instance }));
  }
}

interface LaneState {
  readonly holder: string | undefined;
  readonly first: Buffer | undefined;
  readonly second: Buffer | undefined;
  /** Attempts for the first entry. */
  readonly tries: number;
  /** The target's id. */
  readonly deadBytes: number;
  readonly targetsVersion: string;
}

function decideStep(keys: LaneKeys, lane: Lane, request: StepRequest, state: LaneState): KeyChange<Step> {
  const { done, attempt, next, leaseMs } = request;
  if (request.fence === undefined && state.holder !== undefined) return { commands: [], outcome: { kind: "busy" } };
  if (request.fence !== undefined && state.holder !== request.fence) return { commands: [], outcome: { kind: "lost" } };
  const fence = request.fence ?? randomBytes(12).toString("base64url");
  const isRemoved = done !== undefined && state.first?.equals(done.entry) === true;
  const entry = isRemoved ? state.second : state.first;
  const commands = [
    ...(attempt === undefined ? [] : noted(keys, lane, attempt)),
    ...(isRemoved ? removal(keys, lane, done, state, request.nowMs) : []),
  ];
  if (next === "end" || entry === undefined) {
    const kind = next === "end" ? "end" : "empty";
    return { commands: [...commands, ["DEL", keys.lease(lane)]], outcome: { kind } };
  }
  commands.push(["SET", keys.lease(lane), fence, "PX", leaseMs]);
  if (next === "go") commands.push(["HINCRBY", keys.tries(lane.target), lane.instance, 1]);
  const { tries, targetsVersion } = state;
  const number = (isRemoved ? 0 : tries) + 1;
  return { commands, outcome: { kind: "entry", fence, attempt: number, entry, targetsVersion } };
}

function noted(keys: LaneKeys, { target }: Lane, attempt: Attempt): readonly KeyCommand[] {
  return [
    ["LPUSH", keys.attempts(target), JSON.stringify(attempt)],
    ["LTRIM", keys.attempts(target), 0, ATTEMPTS_KEPT - 1],
    ["HSET", keys.stats(target), "lastStatus", attempt.status],
  ];
}

function removal(keys: LaneKeys, lane: Lane, done: Done, state: LaneState, nowMs: number): readonly KeyCommand[] {
  const [stats, size] = [keys.stats(lane.target), done.entry.length];
  return [
    ...shifted(keys, lane, done.entry, state.second),
    ...(done.kind === "dead"
      ? givenUp(keys, lane.target, done, state, nowMs)
      : ([
          ...keys.freed(lane.target, size),
          ["HINCRBY", stats, "delivered", 1],
          ["HSET", stats, "lastSuccessAtMs", nowMs],
        ] as const)),
  ];
}

/** Remove the first entry from its lane. @param second the entry after it, if any */
function shifted(keys: LaneKeys, lane: Lane, first: Buffer, second: Buffer | undefined): readonly KeyCommand[] {
  const { target, instance } = lane;
  const following: readonly KeyCommand[] =
    second === undefined
      ? [
          ["ZREM", keys.lanesOf(target), instance],
          ["HDEL", keys.laneBytes(target), instance],
        ]
      : [
          ["ZADD", keys.lanesOf(target), entryHead(second).receivedAtMs, instance],
          ["HINCRBY", keys.laneBytes(target), instance, -first.length],
        ];
  return [
    ["LPOP", keys.lane(lane)],
    ["HDEL", keys.tries(target), instance],
    ["HINCRBY", keys.stats(target), "depth", -1],
    ...following,
  ];
}

function givenUp(
  keys: LaneKeys,
  target: string,
  { entry, known }: Extract<Done, { kind: "dead" }>,
  { deadBytes }: LaneState,
  nowMs: number,
): readonly KeyCommand[] {
  const [id, stats] = [newDeadId(nowMs), keys.stats(target)];
  const isKept = deadBytes + entry.length <= DEAD_BYTES_MAX;
  return [
    ["ZADD", keys.dead(target), nowMs, id],
    ["HSET", keys.deadHeads(target), id, JSON.stringify(known)],
    ["HINCRBY", stats, "dead", 1],
    ...(isKept
      ? ([
          ["HSET", keys.deadBodies(target), id, entry],
          ["HINCRBY", stats, "deadBytes", entry.length],
        ] as const)
      : keys.freed(target, entry.length)),
  ];
}
