import { CHAT_KINDS } from "../chats/chat-id.ts";
import { SLOT_OUTCOMES, SLOTS_MAX } from "./counters.ts";
import { OUTCOMES, type Outcome } from "../messages/message-status.ts";
import { LABEL_SLOTS_MAX } from "./label-counts.ts";
import { TIMED_SLOTS_MAX } from "./timed-slots.ts";

/**
 * How the counters of one instance move: sums collected while messages change, then stored together. Reused for each instance, because
 * creating one costs more than all the additions.
 */
export class CounterChanges {
  /** By slot. */
  readonly #totals = new Float64Array(SLOTS_MAX);
  readonly #isTouched = new Uint8Array(SLOTS_MAX);
  readonly #touched: number[] = [];
  /** By time × TIMED_SLOTS_MAX + slot. */
  readonly #times = new Map<number, number>();
  /** By {@link labelTime} × LABEL_SLOTS_MAX + slot. */
  readonly #labels = new Map<number, number>();
  /** Messages by chat, of each kind. */
  readonly #chats = CHAT_KINDS.map(() => new Map<string, number>());

  add(slot: number, by: number): void {
    if (this.#isTouched[slot] === 0) {
      this.#isTouched[slot] = 1;
      this.#touched.push(slot);
    }
    this.#totals[slot] = (this.#totals[slot] ?? 0) + by;
  }

  addOutcome(outcome: Outcome): void {
    this.add(SLOT_OUTCOMES + OUTCOMES.indexOf(outcome), 1);
  }

  /** @param time hours since 1970, for a latency days, see `sourceOfSlot`; {@link UNTIMED} for what is only in the total */
  addAt(slot: number, time: number, by: number): void {
    if (slot < SLOTS_MAX) this.add(slot, by);
    addTo(this.#times, time * TIMED_SLOTS_MAX + slot, by);
  }

  /** @param label its number @param hour hours since 1970 */
  addLabelled(label: number, slot: number, hour: number, by: number): void {
    addTo(this.#labels, labelTime(label, hour) * LABEL_SLOTS_MAX + slot, by);
  }

  /** @param kind a place in `CHAT_KINDS` */
  addChat(chatId: string, kind: number, by: number): void {
    const chats = this.#chats[kind];
    if (chats !== undefined) addTo(chats, chatId, by);
  }

  /** How many sums there are of totals and by time, including those that are 0. */
  get size(): number {
    return this.#touched.length + this.#times.size;
  }

  /** The same of labels. */
  get labelSize(): number {
    return this.#labels.size;
  }

  /** Return the sums that are not 0, and reset. */
  takeTotals(take: (slot: number, by: number) => void): void {
    for (const slot of this.#touched) {
      const by = this.#totals[slot] ?? 0;
      this.#totals[slot] = this.#isTouched[slot] = 0;
      if (by !== 0) take(slot, by);
    }
    this.#touched.length = 0;
  }

  takeTimes(take: (time: number, slot: number, by: number) => void): void {
    this.#times.forEach((by, key) => {
      if (by !== 0) take(Math.floor(key / TIMED_SLOTS_MAX), key % TIMED_SLOTS_MAX, by);
    });
    this.#times.clear();
  }

  takeLabels(take: (label: number, hour: number, slot: number, by: number) => void): void {
    if (this.#labels.size === 0) return;
    this.#labels.forEach((by, key) => {
      const time = Math.floor(key / LABEL_SLOTS_MAX);
      if (by !== 0) take(labelOf(time), hourOfLabel(time), key % LABEL_SLOTS_MAX, by);
    });
    this.#labels.clear();
  }

  takeChats(take: (chatId: string, kind: number, by: number) => void): void {
    for (let kind = 0; kind < this.#chats.length; kind++) {
      const chats = this.#chats[kind];
      if (chats === undefined || chats.size === 0) continue;
      chats.forEach((by, chatId) => {
        if (by !== 0) take(chatId, kind, by);
      });
      chats.clear();
    }
  }
}

/** A label and an hour as one number. Multiplied with a slot it is still an exact integer. */
export function labelTime(label: number, hour: number): number {
  return label * HOURS_MAX + hour;
}

export function labelOf(labelTime: number): number {
  return Math.floor(labelTime / HOURS_MAX);
}

export function hourOfLabel(labelTime: number): number {
  return labelTime % HOURS_MAX;
}

/** Until 2089. */
const HOURS_MAX = 2 ** 20;

/** Stands in place of an hour or a day for what an older version counted without one. */
export const UNTIMED = 0;

function addTo<Key>(sums: Map<Key, number>, key: Key, by: number): void {
  sums.set(key, (sums.get(key) ?? 0) + by);
}
