import {
  newRecord,
  standingOf,
  newStanding,
  PROGRESS,
  SLOT_RANKS,
  type MessageEvent,
  type MessageRecord,
} from "@ticktally/core";
import { messageHistory, recordOfEvents, storyHistory } from "@ticktally/core/testing";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { packExtra, readExtra } from "./extra-codec.ts";
import { KeyedHash } from "./keyed-hash.ts";
import { changeNumber, readRecord, RECORD_BYTES, recordBytesMax, writeRecord } from "./record-codec.ts";
import { messageKey, recordField, recordFieldBytesMax, rehashed } from "./record-field.ts";
import { recordOf } from "./stored-record.ts";

function packed(record: MessageRecord, changes: number | undefined): Buffer {
  const [start, max] = [3, recordBytesMax(record)];
  const target = Buffer.alloc(start + max + 3, 0xee);
  const bytes = writeRecord(target, start, record, changes);
  expect(bytes).toBeLessThanOrEqual(max);
  expect(target.subarray(start + bytes).every((byte) => byte === 0xee)).toBe(true);
  return target.subarray(start, start + bytes);
}

/** The record without its calculated hash, which is not stored. */
function kept(record: MessageRecord): MessageRecord {
  const recipients =
    record.recipients && [...record.recipients].map(([id, times]) => [id, { ...times, hash: undefined }] as const);
  return { ...record, recipients: recipients && new Map(recipients) };
}

const receipts = fc.array(fc.oneof(fc.integer({ min: -40_000, max: 40_000 }), fc.integer({ min: -1e9, max: 1e9 })));

/** Events of one message, of any kind, with short and long delays until receipt. */
const events = fc
  .tuple(fc.oneof(messageHistory, storyHistory), receipts)
  .map(([all, waits]) =>
    all.map((event, i): MessageEvent => ({
      ...event,
      receivedAt: Math.max(0, event.at + (waits[i % waits.length] ?? 0)),
    })),
  )
  .map((all) => all.filter(({ idMessage }) => idMessage === all[0]?.idMessage))
  .map((all) => {
    const isIncoming = (event: MessageEvent) => event.kind === "observation" && event.direction === "incoming";
    const [first] = all;
    return first === undefined ? [] : all.filter((event) => isIncoming(event) === isIncoming(first));
  })
  .filter((all) => all.length > 0);

const hash = new KeyedHash(Buffer.from("0123456789abcdef", "hex"));

describe("a packed record", () => {
  it("is read unchanged with its additional data, for any events", () => {
    fc.assert(
      fc.property(events, fc.boolean(), fc.nat(0xffff), (all, hasFrozenLatencies, number) => {
        const record = { ...recordOfEvents(all), hasFrozenLatencies };
        const extra = packExtra(record);
        const changes = extra === undefined ? undefined : number;
        const value = packed(record, changes);
        const field = recordField(record.direction, record.idMessage, hash);
        expect(recordOf(field, { value, extra })).toEqual(kept(record));
        expect(changeNumber(value)).toBe(changes);
        expect(value[RECORD_BYTES.STATUS]).toBe(standingOf(record, newStanding()).status);
        expect(value[RECORD_BYTES.ORIGIN]).toBe(record.origin);
        expect(value[RECORD_BYTES.TYPE]).toBe(record.type);
      }),
      { numRuns: 1000 },
    );
  });

  it("is packed to the same bytes after it was read, so that an unchanged record compares as equal", () => {
    fc.assert(
      fc.property(events, (all) => {
        const record = recordOfEvents(all);
        const [extra, value] = [packExtra(record), packed(record, packExtra(record) && 7)];
        const read = newRecord(record.direction, record.idMessage);
        const changes = readRecord(value, read);
        if (extra !== undefined) readExtra(extra, read);
        expect(packed(read, changes)).toEqual(value);
        expect(packExtra(read)).toEqual(extra);
      }),
    );
  });

  it("wraps the number of changes at 16 bits", () => {
    const record = recordOfEvents([
      { kind: "status", status: "sent", idMessage: "3EB0", origin: "api", at: 5, receivedAt: 5 },
    ]);
    expect(changeNumber(packed(record, 0x10003))).toBe(3);
  });

  it("can contain all statuses with any delay until receipt, up to the last second of 32 bits", () => {
    const record = recordOfEvents(
      PROGRESS.map((status, rank) => {
        return { kind: "status", status, idMessage: "3EB0", origin: "api", at: rank, receivedAt: 0xffffffff - rank };
      }),
    );
    const read = newRecord("outgoing", "3EB0");
    readRecord(packed(record, undefined), read);
    expect(read).toEqual(record);
    expect(read.receivedAt[SLOT_RANKS]).toBe(0xffffffff);
  });

  it("of another version is refused", () => {
    expect(() => readRecord(Buffer.from([1, 0, 0, 0, 0, 0, 0]), newRecord("outgoing", "3EB0"))).toThrow(RangeError);
  });
});

describe("the field of a message", () => {
  const id = fc.oneof(
    fc.string({ unit: "grapheme" }),
    fc.stringMatching(/^[0-9A-F]{0,32}$/),
    fc.stringMatching(/^[0-9a-f]{0,32}$/),
    fc.stringMatching(/^\d{0,20}$/),
    fc.string({ unit: "binary" }).filter((text) => !/\p{Surrogate}/u.test(text)),
  );
  const direction = fc.constantFrom("incoming" as const, "outgoing" as const);

  it("is read as direction and id, whatever the id", () => {
    fc.assert(
      fc.property(direction, id, (of, idMessage) => {
        const field = recordField(of, idMessage, hash);
        expect(messageKey(field)).toEqual({ direction: of, idMessage });
        expect(field.length).toBeLessThanOrEqual(recordFieldBytesMax(idMessage));
      }),
      { numRuns: 1000 },
    );
  });

  it("differs for different messages with similar ids", () => {
    const alike = fc.oneof(
      fc.tuple(id, id),
      id.map((one) => [one, one.toLowerCase()] as const),
      id.map((one) => [one, `0${one}`] as const),
      id.map((one) => [one, Buffer.from(one).toString("hex")] as const),
    );
    fc.assert(
      fc.property(alike, direction, direction, ([one, other], a, b) => {
        const isSame = one === other && a === b;
        expect(recordField(a, one, hash).equals(recordField(b, other, hash))).toBe(isSame);
      }),
      { numRuns: 1000 },
    );
  });

  it("uses the hash of another instance once that is set", () => {
    const own = new KeyedHash(Buffer.from("fedcba9876543210", "hex"));
    fc.assert(
      fc.property(direction, id, (of, idMessage) => {
        expect(rehashed(recordField(of, idMessage, hash), own)).toEqual(recordField(of, idMessage, own));
      }),
    );
  });
});
