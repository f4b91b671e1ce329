import { Random } from "./random.ts";
import type { Period } from "./traffic.ts";

/** A change of an account's state. */
export interface StateChange {
  readonly state: string;
  /** Unix seconds */
  readonly at: number;
}

const DAY_MS = 86_400_000;
const PURPOSE_STATES = 3;

/** About once a week an account is signed out in the early morning, and back within half an hour. */
function changesOfDay(seed: number, instance: number, day: number): readonly StateChange[] {
  const random = new Random(seed, instance, day, PURPOSE_STATES);
  if (!random.chance(1 / 7)) return [];
  const at = (day * DAY_MS) / 1000 + 3 * 3600 + random.below(2 * 3600);
  const back = at + 120 + random.below(1_500);
  return [
    { state: "notAuthorized", at },
    { state: "starting", at: back },
    { state: "authorized", at: back + 20 },
  ];
}

/** All changes in a period. An account is authorized from the start, which is not reported. */
export function stateChanges(seed: number, instance: number, { fromMs, toMs }: Period): readonly StateChange[] {
  const changes: StateChange[] = [];
  for (let day = Math.floor(fromMs / DAY_MS); day * DAY_MS < toMs; day++)
    changes.push(...changesOfDay(seed, instance, day).filter(({ at }) => at * 1000 >= fromMs && at * 1000 < toMs));
  return changes;
}
