import type { SimulatedEvent } from "./message.ts";
import type { Random } from "./random.ts";

/** Faults between a gateway and its receiver, as shares of webhooks. */
export interface Faults {
  readonly duplicates: number;
  readonly disorder: number;
  readonly lost: number;
  /** Nothing that happens before this moment is lost, Unix seconds, because a gateway's journal only covers a few days. */
  readonly lostFrom: number;
}

/** The longest delay of a webhook, for the first and for a repeated sending. */
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
    // Each event draws the same number of random values, so changing one share affects nothing else.
    const [isLost, isLate, isRepeated] = [random.chance(lost), random.chance(disorder), random.chance(duplicates)];
    const usualMs = Math.min(20_000, random.logNormal(350, 0.9));
    const [lateMs, againMs] = [1000 * random.next() * DISORDER_SECONDS, 1000 * random.next() * REPEATED_AFTER_SECONDS];
    // A journal does not list actions, so lost ones could not be recovered.
    if (isLost && at >= lostFrom && !isAction) return [];
    const first = Math.round(at * 1000 + usualMs + (isLate ? lateMs : 0));
    return isRepeated ? [first, Math.round(first + 1000 + againMs)] : [first];
  });
}

/** The times for a message without faults. */
export function promptSendings(events: readonly SimulatedEvent[]): readonly (readonly number[])[] {
  return events.map(({ at }) => [at * 1000 + 100]);
}
