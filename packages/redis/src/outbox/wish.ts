import type { InstanceId } from "@ticktally/core";
import { countAnswer, textAnswer, valuesAnswer, type PackedAnswer } from "@ticktally/schemas";
import type { KeyChange, KeyCommand } from "../connection/key-commands.ts";
import { ALL_INSTANCES, WANTED_KNOWN_MS } from "./wanted-instances.ts";

/** With more instances than this, all are requested: workers read the list every second. */
const WANTED_MAX = 2_000;
/** A commit decided before the request was known is finished by then. */
const IN_FORCE_MS = WANTED_KNOWN_MS + 250;

/** A reader's request to add to outboxes. */
interface Wish {
  readonly asked: readonly InstanceId[];
  /** Unix seconds */
  readonly untilSeconds: number;
  /** Unix ms by Redis's clock */
  readonly now: number;
}

/** @param wanted members by expiry, Unix seconds @param since the same members by start, Unix ms */
export function readsOfWish(wanted: string, since: string, { asked, now }: Wish): readonly KeyCommand[] {
  return [
    ["ZRANGE", wanted, "-inf", Math.floor(now / 1000), "BYSCORE"],
    ["ZCARD", wanted],
    ...[ALL_INSTANCES, ...asked].flatMap((member): KeyCommand[] => [
      ["ZSCORE", wanted, member],
      ["ZSCORE", since, member],
    ]),
  ];
}

/** @returns what to write, and since when all requested outboxes have no gap, Unix ms; that may be in the near future */
export function decideWish(
  wanted: string,
  since: string,
  { asked, untilSeconds, now }: Wish,
  [ended, members, ...scores]: readonly PackedAnswer[],
): KeyChange<number> {
  const expired = valuesAnswer.parse(ended).map(String);
  const soon = now + IN_FORCE_MS;
  const known = [ALL_INSTANCES, ...asked].map((_, i) => {
    const [until, begun] = [textAnswer.parse(scores[2 * i]), textAnswer.parse(scores[2 * i + 1])];
    const isKept = until !== undefined && Number(until) * 1000 > now;
    return { isKept, begun: isKept && begun !== undefined ? Number(begun) : Infinity };
  });
  const all = known[0]?.begun ?? Infinity;
  const begunOf = asked.map((member, i) => ({ member, begun: Math.min(all, known[i + 1]?.begun ?? Infinity, soon) }));
  const added = known.slice(1).filter(({ isKept }) => !isKept).length;
  const isTooMany = added > 0 && added + countAnswer.parse(members) - expired.length > WANTED_MAX;
  const written = isTooMany ? [{ member: ALL_INSTANCES, begun: Math.min(all, soon) }] : begunOf;
  return {
    commands: [
      ...(expired.length === 0 ? [] : [wanted, since].map((key): KeyCommand => ["ZREM", key, ...expired])),
      ["ZADD", wanted, "GT", ...written.flatMap(({ member }) => [untilSeconds, member])],
      ["ZADD", since, ...written.flatMap(({ member, begun }) => [begun, member])],
    ],
    outcome: Math.max(...begunOf.map(({ begun }) => begun)),
  };
}
