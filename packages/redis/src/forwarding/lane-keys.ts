import type { InstanceId } from "@ticktally/core";
import type { KeyCommand } from "../connection/key-commands.ts";

/** What waits for one target from one instance, in order. */
export interface Lane {
  /** Id of its target. */
  readonly target: string;
  readonly instance: InstanceId;
}

/** What a lane is encrypted for, and what its job is called. */
export function laneName({ target, instance }: Lane): string {
  return `${target}:${instance}`;
}

/** Each once. */
export function lanesOf(entries: readonly Lane[]): readonly Lane[] {
  return [
    ...new Map(entries.map(({ target, instance }) => [laneName({ target, instance }), { target, instance }])).values(),
  ];
}

/** The keys of forwarding. They share one tag, so that one call may touch them all. */
export class LaneKeys {
  readonly root: string;

  constructor(root: string) {
    this.root = root;
  }

  /** Moves with every change of a target. */
  get version(): string {
    return `${this.root}version`;
  }

  /** name → target as JSON */
  get targets(): string {
    return `${this.root}targets`;
  }

  /** What our own requests carry. */
  get ownId(): string {
    return `${this.root}own-id`;
  }

  /** Up to where outboxes are read for targets. */
  get eventsPosition(): string {
    return `${this.root}events-position`;
  }

  /** Held by the process that reads them. */
  get eventsLease(): string {
    return `${this.root}events-lease`;
  }

  /** Ids of targets that were removed, and may have left something. */
  get removed(): string {
    return `${this.root}removed`;
  }

  /** Bytes of all entries and dead letters. */
  get bytes(): string {
    return `${this.root}bytes`;
  }

  /** List of entries, see `lane-entry.ts`, oldest first. */
  lane(lane: Lane): string {
    return `${this.root}lane:${laneName(lane)}`;
  }

  /** Who works on the lane; ends by itself. */
  lease(lane: Lane): string {
    return `${this.root}lease:${laneName(lane)}`;
  }

  /** Instances whose lanes hold something, by the receipt of their oldest entry, Unix ms. */
  lanesOf(target: string): string {
    return `${this.root}lanes:${target}`;
  }

  /** instance → bytes of its lane */
  laneBytes(target: string): string {
    return `${this.root}lane-bytes:${target}`;
  }

  /** instance → attempts for the first entry of its lane */
  tries(target: string): string {
    return `${this.root}tries:${target}`;
  }

  /** depth, delivered, dropped, refused, dead, deadBytes, lastStatus, lastSuccessAtMs */
  stats(target: string): string {
    return `${this.root}stats:${target}`;
  }

  /** The last attempts as JSON, newest first. */
  attempts(target: string): string {
    return `${this.root}attempts:${target}`;
  }

  /** Ids of dead letters by when they were given up, Unix ms. */
  dead(target: string): string {
    return `${this.root}dead:${target}`;
  }

  /** id of a dead letter → what is known of it, JSON */
  deadHeads(target: string): string {
    return `${this.root}dead-heads:${target}`;
  }

  /** id of a dead letter → its entry, for a day */
  deadBodies(target: string): string {
    return `${this.root}dead-bodies:${target}`;
  }

  /** All but lanes and leases. */
  ofTarget(target: string): readonly string[] {
    return [
      this.lanesOf(target),
      this.laneBytes(target),
      this.tries(target),
      this.stats(target),
      this.attempts(target),
      this.dead(target),
      this.deadHeads(target),
      this.deadBodies(target),
    ];
  }

  /** Put some at the end of their lanes, and count those that are not kept. */
  keep(
    stored: readonly (Lane & { readonly receivedAtMs: number; readonly entry: Buffer })[],
    dropped: readonly Lane[],
  ): readonly KeyCommand[] {
    return [
      ...stored.flatMap((one) => this.append(one, one.receivedAtMs, one.entry)),
      ...dropped.map(({ target }): KeyCommand => ["HINCRBY", this.stats(target), "dropped", 1]),
    ];
  }

  /** Put an entry at the end of a lane. @param receivedAtMs its receipt, by which an empty lane is then listed */
  append(lane: Lane, receivedAtMs: number, entry: Buffer): readonly KeyCommand[] {
    const { target, instance } = lane;
    return [
      ["RPUSH", this.lane(lane), entry],
      ["ZADD", this.lanesOf(target), "NX", receivedAtMs, instance],
      ["HINCRBY", this.laneBytes(target), instance, entry.length],
      ["HINCRBY", this.stats(target), "depth", 1],
      ["INCRBY", this.bytes, entry.length],
    ];
  }
}
