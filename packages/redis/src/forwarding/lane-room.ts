import { countAnswer, textAnswer } from "@ticktally/schemas";
import type { RedisClient } from "../connection/connection.ts";
import { readKeys, type KeyCommand } from "../connection/key-commands.ts";
import { laneName, type Lane, type LaneKeys } from "./lane-keys.ts";

/** An entry to be appended to a lane. Entries of one request are appended all or none. */
export interface Planned extends Lane {
  /** The position of its request among those that came together. */
  readonly place: number;
  readonly receivedAtMs: number;
  /** Whether its sender may be refused if there is no room. */
  readonly mayRefuse: boolean;
  /** Empty if it cannot be encrypted here. */
  readonly entry: Buffer;
}

export interface Room {
  readonly laneBytesMax: number;
  readonly allBytesMax: number;
  /** Bytes in each lane by name, of each target by id, and of all together. They may have grown slightly since. */
  readonly laneBytes: ReadonlyMap<string, number>;
  readonly targetBytes: ReadonlyMap<string, number>;
  readonly allBytes: number;
  /** How many targets there are. */
  readonly targets: number;
}

/**
 * The part of the room that is shared: a target may use it as long as there is some left. The other half is divided equally among the
 * targets, so no target can use up the room of another, and all together never exceed the limit.
 */
export function sharedBytesMax(allBytesMax: number): number {
  return allBytesMax / 2;
}

/** What is to be done with each entry. */
export interface RoomVerdict {
  readonly stored: readonly Planned[];
  readonly dropped: readonly Planned[];
  /** Entries that had no room or could not be encrypted, and whose requests are refused. */
  readonly refused: readonly Planned[];
}

/** @param planned by request */
export function judgeRoom(planned: readonly Planned[], room: Room): RoomVerdict {
  const [lanes, targets] = [new Map(room.laneBytes), new Map(room.targetBytes)];
  const shared = sharedBytesMax(room.allBytesMax);
  const own = (room.allBytesMax - shared) / Math.max(1, room.targets);
  // A target may take the shared half and its own share: with a single target that is everything.
  const most = shared + own;
  let all = room.allBytes;
  const verdict = { stored: [] as Planned[], dropped: [] as Planned[], refused: [] as Planned[] };
  for (const group of groupsOf(planned)) {
    const fitting: Planned[] = [];
    const over: Planned[] = [];
    let bytes = 0;
    for (const one of group) {
      const size = one.entry.length;
      const [laneHas, targetHas] = [lanes.get(laneName(one)) ?? 0, targets.get(one.target) ?? 0];
      const hasRoom = laneHas + size <= room.laneBytesMax && (all + bytes + size <= most || targetHas + size <= own);
      const fits = size > 0 && hasRoom;
      if (fits) bytes += size;
      (fits ? fitting : over).push(one);
    }
    // An entry that not even an empty lane could take is never refused: it would block its instance forever.
    const refused = over.filter(
      ({ mayRefuse, entry: { length } }) => mayRefuse && length <= room.laneBytesMax && length <= shared,
    );
    if (refused.length > 0) verdict.refused.push(...refused);
    else {
      verdict.dropped.push(...over);
      verdict.stored.push(...fitting);
      all += bytes;
      for (const one of fitting) {
        lanes.set(laneName(one), (lanes.get(laneName(one)) ?? 0) + one.entry.length);
        targets.set(one.target, (targets.get(one.target) ?? 0) + one.entry.length);
      }
    }
  }
  return verdict;
}

/** What one call stores. Groups are not split, and a group that is too large comes alone. */
export function firstGroups(planned: readonly Planned[], from: number): readonly Planned[] {
  const first: Planned[] = [];
  let bytes = 0;
  for (const group of groupsOf(planned.slice(from))) {
    const groupBytes = group.reduce((sum, { entry }) => sum + entry.length, 0);
    const isFull = bytes + groupBytes > CALL_BYTES_MAX || first.length + group.length > CALL_ENTRIES_MAX;
    if (first.length > 0 && isFull) break;
    first.push(...group);
    bytes += groupBytes;
  }
  return first;
}

/** Limit of one call, because Redis does nothing else meanwhile. */
const CALL_BYTES_MAX = 1024 * 1024;
const CALL_ENTRIES_MAX = 1_000;

/** Adjacent entries with the same position. */
function groupsOf(planned: readonly Planned[]): readonly (readonly Planned[])[] {
  const groups: Planned[][] = [];
  for (const one of planned) {
    const last = groups.at(-1);
    if (last?.[0]?.place === one.place) last.push(one);
    else groups.push([one]);
  }
  return groups;
}

/** The bytes of each lane, of their targets and of all together, now. */
export async function readRoom(
  redis: RedisClient,
  keys: LaneKeys,
  lanes: readonly Lane[],
): Promise<Omit<Room, "laneBytesMax" | "allBytesMax">> {
  const ids = [...new Set(lanes.map(({ target }) => target))];
  const reads: readonly KeyCommand[] = [
    ["GET", keys.bytes],
    ...ids.map((id): KeyCommand => ["HGET", keys.stats(id), "bytes"]),
    ...lanes.map(({ target, instance }): KeyCommand => ["HGET", keys.laneBytes(target), instance]),
  ];
  const [targets, ...answers] = await readKeys(redis, keys.root, [["HLEN", keys.targets], ...reads]);
  const bytes = answers.map((answer) => Number(textAnswer.parse(answer) ?? 0));
  return {
    // It is below 0 until the sweep corrects it if an older version has stored some of what was removed since.
    targetBytes: new Map(ids.map((id, i) => [id, Math.max(0, bytes[1 + i] ?? 0)])),
    laneBytes: new Map(lanes.map((lane, i) => [laneName(lane), bytes[1 + ids.length + i] ?? 0])),
    allBytes: bytes[0] ?? 0,
    targets: countAnswer.parse(targets),
  };
}
