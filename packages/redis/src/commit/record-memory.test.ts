import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { RecordMemory } from "./record-memory.ts";

/** The second and third byte select the slot. */
const fieldOf = (place: number, id: number) => Buffer.from([0, place >> 8, place & 0xff, 1, id]);
const valueOf = (n: number) => Buffer.from(`value ${String(n)}`);

describe("the cache of records", () => {
  it("returns the last value of each instance until it is removed", () => {
    const memory = new RecordMemory();
    const field = fieldOf(7, 1);
    expect(memory.get("1", field)).toBeUndefined();
    memory.put("1", field, valueOf(1));
    memory.put("2", field, valueOf(2));
    memory.put("1", field, valueOf(3));
    expect([memory.get("1", field), memory.get("2", field)]).toEqual([valueOf(3), valueOf(2)]);
    memory.put("1", field, undefined);
    expect([memory.get("1", field), memory.get("2", field)]).toEqual([undefined, valueOf(2)]);
  });

  it("keeps the newest two records of a slot", () => {
    const memory = new RecordMemory();
    for (const id of [1, 2, 3]) memory.put("1", fieldOf(8, id), valueOf(id));
    expect([1, 2, 3].map((id) => memory.get("1", fieldOf(8, id)))).toEqual([undefined, valueOf(2), valueOf(3)]);
  });

  it("does not keep a large record, and removes an earlier small one", () => {
    const memory = new RecordMemory();
    memory.put("1", fieldOf(9, 1), valueOf(1));
    memory.put("1", fieldOf(9, 1), Buffer.alloc(300));
    expect(memory.get("1", fieldOf(9, 1))).toBeUndefined();
  });

  it("never returns another message's record or a replaced one", () => {
    const puts = fc.array(fc.tuple(fc.constantFrom("1", "2"), fc.nat(3), fc.nat(5)), { maxLength: 60 });
    fc.assert(
      fc.property(puts, (all) => {
        const memory = new RecordMemory();
        const last = new Map<string, Buffer>();
        all.forEach(([instance, place, id], n) => {
          memory.put(instance, fieldOf(place, id), valueOf(n));
          last.set(`${instance} ${String(place)} ${String(id)}`, valueOf(n));
          for (const [key, value] of last) {
            const [of = "", at, which] = key.split(" ");
            const found = memory.get(of, fieldOf(Number(at), Number(which)));
            if (found !== undefined) expect(found).toEqual(value);
          }
        });
      }),
    );
  });
});
