import type { InstanceId } from "@ticktally/core";
import type { KeyCommand } from "../connection/key-commands.ts";

/** What waits for one target from one instance, in order. */
export interface Lane {
  /** Id of its target. */
  readonly target: string;
  readonly instance: InstanceId;
}

/** The encryption context of a lane, and the id of its job. */
export function laneName({ target, instance }: Lane): string {
  return `${target}:${instance}`;
}

/** Each once, in the order of their first entries. */
export function lanesOf(entries: readonly Lane[]): readonly Lane[] {
  return grouped(entries, laneName).map(([{ target, instance }]) => ({ target, instance }));
}

/** The keys of forwarding. They share one tag, so that one call may touch them all. */
export class LaneKeys {
  readonly root: string;

  constructor(root: string) {
    this.root = root;
  }

  /** A version that changes with every change of a target. */
  get version(): string {
    return `${this.root}version`;
  }

  /** name → target as JSON */
  get targets(): string {
    return `${this.root}targets`;
  }

  /** A mark that our own requests carry. */
  get ownId(): string {
    return `${this.root}own-id`;
  }

  /** The position up to which outboxes are read for targets. */
  get eventsPosition(): string {
    return `${this.root}events-position`;
  }

  /** Ids of the targets that have received everything up to that position, separated by spaces. */
  get eventsFed(): string {
    return `${this.root}events-fed`;
  }

  /** The lease of the process that reads them. */
  get eventsLease(): string {
    return `${this.root}events-lease`;
  }

  /** Ids of removed targets that may have left data behind. */
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

  /** The process that works on the lane; expires by itself. */
  lease(lane: Lane): string {
    return `${this.root}lease:${laneName(lane)}`;
  }

  /** Instances with entries in their lanes, by the receipt of the oldest entry, Unix ms. */
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

  /** depth, bytes, delivered, dropped, refused, dead, deadBytes, lastStatus, lastSuccessAtMs */
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

  /** id of a dead letter → its description, JSON */
  deadHeads(target: string): string {
    return `${this.root}dead-heads:${target}`;
  }

  /** id of a dead letter → its entry, for a day */
  deadBodies(target: string): string {
    return `${this.root}dead-bodies:${target}`;
  }

  /** All keys except lanes and leases. */
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

  /**
   * Append entries to their lanes, and count those that are not kept. If anything is stored, the first answer is {@link bytes}, followed by
   * the length of each lane, in the order of `lanesOf(stored)`.
   */
  keep(
    stored: readonly (Lane & { readonly receivedAtMs: number; readonly entry: Buffer })[],
    dropped: readonly Lane[],
  ): readonly KeyCommand[] {
    const lanes = grouped(stored, laneName).map((own) => ({ lane: own[0], own, bytes: bytesOf(own) }));
    return [
      ...(stored.length === 0 ? [] : [["INCRBY", this.bytes, bytesOf(stored)] as const]),
      ...lanes.map(({ lane, own }): KeyCommand => ["RPUSH", this.lane(lane), ...own.map(({ entry }) => entry)]),
      ...lanes.flatMap(({ lane: { target, instance }, own, bytes }): readonly KeyCommand[] => [
        ["ZADD", this.lanesOf(target), "NX", own[0].receivedAtMs, instance],
        ["HINCRBY", this.laneBytes(target), instance, bytes],
      ]),
      ...grouped(stored, ({ target }) => target).map((own) => this.#targetBytes(own[0].target, bytesOf(own))),
      ...this.#added("depth", stored),
      ...this.#added("dropped", dropped),
    ];
  }

  /** Count bytes that are removed. @param bytes how many */
  freed(target: string, bytes: number): readonly KeyCommand[] {
    return [["INCRBY", this.bytes, -bytes], this.#targetBytes(target, -bytes)];
  }

  #targetBytes(target: string, change: number): KeyCommand {
    return ["HINCRBY", this.stats(target), "bytes", change];
  }

  /** Add to a counter of each target that occurs. */
  #added(count: "depth" | "dropped", some: readonly Lane[]): readonly KeyCommand[] {
    return grouped(some, ({ target }) => target).map((own) => [
      "HINCRBY",
      this.stats(own[0].target),
      count,
      own.length,
    ]);
  }
}

type Group<Item> = readonly [Item, ...Item[]];

/** Group by key, in the order of first appearance. */
function grouped<Item>(items: readonly Item[], keyOf: (item: Item) => string): readonly Group<Item>[] {
  const groups = new Map<string, [Item, ...Item[]]>();
  for (const item of items) {
    const known = groups.get(keyOf(item));
    if (known === undefined) groups.set(keyOf(item), [item]);
    else known.push(item);
  }
  return [...groups.values()];
}

function bytesOf(entries: readonly { readonly entry: Buffer }[]): number {
  return entries.reduce((sum, { entry }) => sum + entry.length, 0);
}
