import type { SimulatedEvent } from "./message.ts";
import type { Random } from "./random.ts";

/** What goes wrong between a gateway and its receiver. Shares are of webhooks. */
export interface Faults {
  readonly duplicates: number;
  readonly disorder: number;
  readonly lost: number;
  /** Nothing that happens before this moment is lost, Unix seconds: a gateway's journal reaches back some days only. */
  readonly lostFrom: number;
}

/** Webhooks are sent at most so much later than what they report, once and again. */
export const LATEST_SENDING_SECONDS = 180;
const DISORDER_SECONDS = 45;
const REPEATED_AFTER_SECONDS = 90;

/** When the webhooks of a message's events are sent, see {@link SimulatedMessage.sendings}. */
export function sendingsOf(
  events: readonly SimulatedEvent[],
  isAction: boolean,
  { duplicates, disorder, lost, lostFrom }: Faults,
  random: Random,
): readonly (readonly number[])[] {
  return events.map(({ at }) => {
    // Each event draws the same number of times, so that another share changes only what it concerns.
    const [isLost, isLate, isRepeated] = [random.chance(lost), random.chance(disorder), random.chance(duplicates)];
    const usualMs = Math.min(20_000, random.logNormal(350, 0.9));
    const [lateMs, againMs] = [1000 * random.next() * DISORDER_SECONDS, 1000 * random.next() * REPEATED_AFTER_SECONDS];
    // A journal does not name actions, so nothing could make them good.
    if (isLost && at >= lostFrom && !isAction) return [];
    const first = Math.round(at * 1000 + usualMs + (isLate ? lateMs : 0));
    return isRepeated ? [first, Math.round(first + 1000 + againMs)] : [first];
  });
}

/** As of a message that nothing ever happens to. */
export function promptSendings(events: readonly SimulatedEvent[]): readonly (readonly number[])[] {
  return events.map(({ at }) => [at * 1000 + 100]);
}
