import {
  CounterChanges,
  latencySumSlot,
  messagesSlot,
  reachedSlot,
  SLOT_OUTCOMES,
  SLOTS_MAX,
  TIMED_SLOTS_MAX,
  typeSentSlot,
  UNTIMED,
} from "@ticktally/core";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { pendingBytesMax, sumPending, writePending } from "./pending-codec.ts";

const HOUR = 497_000;
const DAY = 20_700;
const [MESSAGES, SENT, SUM] = [messagesSlot(1, 1), reachedSlot(1, 2), latencySumSlot(2)];

function entry(change: (changes: CounterChanges) => void): Buffer {
  const changes = new CounterChanges();
  change(changes);
  const target = Buffer.alloc(pendingBytesMax(changes) + 3, 0xee);
  const bytes = writePending(target, 3, changes);
  expect(changes.size).toBe(0);
  return target.subarray(3, 3 + bytes);
}

function plain({ totals, retracted, times, bytes }: ReturnType<typeof sumPending>) {
  return { totals: Object.fromEntries(totals), retracted: Object.fromEntries(retracted), times: [...times], bytes };
}

describe("pending changes of counters", () => {
  it("are empty without changes, or with changes of 0", () => {
    expect(entry(() => undefined)).toHaveLength(0);
    expect(
      entry((changes) => {
        changes.add(SLOT_OUTCOMES, 1);
        changes.add(SLOT_OUTCOMES, -1);
      }),
    ).toHaveLength(0);
    expect(plain(sumPending(Buffer.alloc(0)))).toEqual({ totals: {}, retracted: {}, times: [], bytes: 0 });
  });

  it("are summed over commits, for totals, hours and days; changes without a day are only in the total", () => {
    const pending = Buffer.concat([
      entry((changes) => {
        changes.addAt(MESSAGES, HOUR, 2);
        changes.addAt(SUM, DAY, 2 ** 40);
      }),
      entry((changes) => {
        changes.addAt(MESSAGES, HOUR + 1, 1);
        changes.addAt(SUM, UNTIMED, 1);
        changes.addAt(typeSentSlot(0), HOUR, 1);
      }),
    ]);
    expect(plain(sumPending(pending))).toEqual({
      totals: { [MESSAGES]: 3, [SUM]: 2 ** 40 + 1 },
      retracted: {},
      times: [
        [HOUR * TIMED_SLOTS_MAX + MESSAGES, 2],
        [DAY * TIMED_SLOTS_MAX + SUM, 2 ** 40],
        [(HOUR + 1) * TIMED_SLOTS_MAX + MESSAGES, 1],
        [HOUR * TIMED_SLOTS_MAX + typeSentSlot(0), 1],
      ],
      bytes: pending.length,
    });
  });

  it("contain the decrease of a growing counter in a commit, unless another hour compensates it", () => {
    const there = entry((changes) => {
      changes.addAt(SENT, HOUR, 1);
    });
    const moved = entry((changes) => {
      changes.addAt(SENT, HOUR, -1);
      changes.addAt(SENT, HOUR - 1, 1);
    });
    const back = entry((changes) => {
      changes.addAt(SENT, HOUR - 1, -1);
    });
    expect(plain(sumPending(Buffer.concat([there, moved]))).retracted).toEqual({});
    const { totals, retracted } = plain(sumPending(Buffer.concat([there, moved, back, there])));
    expect([totals, retracted]).toEqual([{ [SENT]: 1 }, { [SENT]: 1 }]);
  });

  it("are read as they were written", () => {
    const changes = fc.array(
      fc.record({
        slot: fc.integer({ min: 0, max: SLOTS_MAX - 1 }),
        by: fc.integer({ min: -(2 ** 45), max: 2 ** 45 }).filter((by) => by !== 0),
      }),
      { minLength: 1 },
    );
    fc.assert(
      fc.property(changes, (all) => {
        const sums = new Map<number, number>();
        const hourly = [MESSAGES, SENT];
        const written = all.map(({ slot, by }) => {
          const own = slot % 7 === 0 ? (hourly[slot % 2] ?? SENT) : SLOT_OUTCOMES;
          sums.set(own, (sums.get(own) ?? 0) + by);
          return entry((to) => {
            if (own === SLOT_OUTCOMES) to.add(own, by);
            else to.addAt(own, slot, by);
          });
        });
        expect(Object.fromEntries(sumPending(Buffer.concat(written)).totals)).toEqual(Object.fromEntries(sums));
      }),
    );
  });

  it("are several entries if they are many, and no counter's are in two", () => {
    const slots = [MESSAGES, SENT, typeSentSlot(0), typeSentSlot(1)];
    const pending = entry((changes) => {
      // Each counter goes back by one in each hour, and up again in others.
      for (let n = 0; n < 900; n++) for (const slot of slots) changes.addAt(slot, HOUR + n, n % 2 === 0 ? -1 : 1);
    });
    const lengths: number[] = [];
    const sums = new Map<number, number>();
    for (let left = pending; left.length > 0;) {
      const { bytes, retracted, times } = sumPending(left, 1);
      expect([...retracted]).toEqual([]);
      for (const [key, by] of times) sums.set(key, (sums.get(key) ?? 0) + by);
      lengths.push(times.size);
      left = left.subarray(bytes);
    }
    expect(lengths).toEqual([1_800, 1_800]);
    expect(sums).toEqual(sumPending(pending).times);
    expect(sums.size).toBe(3_600);
  });

  it("of labels are in entries of at most 1,000", () => {
    const pending = entry((changes) => {
      for (let n = 0; n < 2_500; n++) changes.addLabelled(1 + (n % 500), SENT, HOUR + n, 1);
    });
    expect(sumPending(pending).labels.size).toBe(2_500);
    expect(sumPending(pending, 1).labels.size).toBe(1_000);
  });

  it("are read up to a size limit, to the end of an entry", () => {
    const one = entry((changes) => {
      changes.addAt(MESSAGES, HOUR, 1);
    });
    const pending = Buffer.concat([one, one, one]);
    expect(sumPending(pending, 1).bytes).toBe(one.length);
    expect(sumPending(pending, 2 * one.length - 1).bytes).toBe(one.length);
    expect(sumPending(pending, 2 * one.length).bytes).toBe(2 * one.length);
  });

  it("of the previous version are read as well, whose latencies had no day", () => {
    const before = Buffer.from([1, 0, 0, 3, (SUM % 128) | 128, Math.floor(SUM / 128), 2]);
    expect(plain(sumPending(before))).toMatchObject({ totals: { [SUM]: 1 }, times: [] });
  });

  it("that are damaged or of an unknown version are refused", () => {
    const whole = entry((changes) => {
      changes.addAt(MESSAGES, HOUR, 1);
    });
    const newer = Buffer.from(whole);
    newer[0] = 3;
    for (const bytes of [newer, whole.subarray(0, -1), whole.subarray(0, 2), Buffer.from([1, 0, 0, 1, 0xff])])
      expect(() => sumPending(bytes)).toThrow(RangeError);
  });
});
