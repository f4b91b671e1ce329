import type { InstanceId } from "@ticktally/core";
import { stepReply, type StoredDeadLetter } from "@ticktally/schemas";
import type { RedisClient } from "../connection.ts";
import type { Keys } from "../keys.ts";
import { storeError } from "../store-error.ts";
import { defineForwardScripts } from "./forward-scripts.ts";
import type { Lane } from "./lane-writer.ts";

/** The first entry of a lane, and who may say what became of it. */
export interface FirstEntry {
  readonly kind: "entry";
  readonly fence: string;
  /** This one included. */
  readonly attempt: number;
  readonly entry: Buffer;
}

/** `busy`: another process works on this lane. `lost`: another does by now. */
export type Step = FirstEntry | { readonly kind: "busy" | "lost" | "empty" | "end" };

/** What became of the first entry, and what is wanted next. */
export interface StepRequest {
  /** Of the entry that was got before; without it the lease is taken. */
  readonly fence?: string;
  readonly done?: Done;
  readonly attempt?: Attempt;
  /** `go`: the next entry, which will be attempted. `look`: only to look at it. `end`: no more. */
  readonly next: "go" | "look" | "end";
}

export type Done =
  | { readonly kind: "sent"; readonly entry: Buffer }
  | {
      readonly kind: "dead";
      readonly entry: Buffer;
      readonly known: StoredDeadLetter;
      readonly isKept: boolean;
    };

/** An attempt as it is listed. */
export interface Attempt {
  /** Unix ms */
  readonly atMs: number;
  readonly instance: InstanceId;
  readonly status: string;
  readonly durationMs: number;
}

/** Of a target; older ones go. */
const DEAD_MAX = 10_000;

/** The consuming end of lanes. */
export class LaneReader {
  readonly #redis: RedisClient;
  readonly #root: string;

  constructor(redis: RedisClient, keys: Keys) {
    this.#redis = redis;
    this.#root = keys.forwarding;
    defineForwardScripts(redis);
  }

  /** @param leaseMs how long the lane is ours from now, if we get an entry @throws {StoreUnavailableError} it may be done or not */
  async step({ target, instance }: Lane, leaseMs: number, request: StepRequest): Promise<Step> {
    const { fence = "", done, attempt, next } = request;
    const dead = done?.kind === "dead" ? done : undefined;
    const reply = await this.#redis
      .stepLaneBuffer(
        this.#root,
        target,
        instance,
        fence,
        leaseMs,
        done?.kind ?? "",
        done === undefined ? "" : firstLine(done.entry),
        attempt === undefined ? "" : JSON.stringify(attempt),
        attempt?.status ?? "",
        dead === undefined ? "" : JSON.stringify(dead.known),
        dead?.isKept === true ? "1" : "0",
        DEAD_MAX,
        next,
      )
      .catch(storeError);
    return stepOf(stepReply.parse(reply));
  }

  /** Keep a lane for as long. @returns `false`: it is another's */
  async renew({ target, instance }: Lane, fence: string, leaseMs: number): Promise<boolean> {
    const lease = `${this.#root}lease:${target}:${instance}`;
    return (await this.#redis.holdLease(lease, fence, leaseMs).catch(storeError)) === 1;
  }

  /** Instances whose lanes of a target hold something, by the receipt of their oldest entry. */
  async lanesOf(target: string): Promise<readonly Lane[]> {
    const instances = await this.#redis.zrange(`${this.#root}lanes:${target}`, "0", "-1").catch(storeError);
    return instances.map((instance) => ({ target, instance }));
  }
}

function stepOf([word, fence, attempt, entry]: readonly (Buffer | number | undefined)[]): Step {
  const kind = String(word);
  if (Buffer.isBuffer(entry) && Buffer.isBuffer(fence) && typeof attempt === "number")
    return { kind: "entry", fence: fence.toString(), attempt, entry };
  return { kind: kind === "busy" || kind === "lost" || kind === "end" ? kind : "empty" };
}

function firstLine(entry: Buffer): string {
  return entry.toString("latin1", 0, entry.indexOf(10) + 1);
}
