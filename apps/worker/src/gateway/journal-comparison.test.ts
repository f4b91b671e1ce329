import { newRecord, type MessageRecord } from "@ticktally/core";
import { DEFAULT_GATEWAY, Pseudonyms, type JournalEntry } from "@ticktally/gateways";
import { describe, expect, it } from "vitest";
import { JournalComparison, noCounts } from "./journal-comparison.ts";

const NOW = 1_700_000_000;
const ELEMENT = {
  type: "outgoing",
  idMessage: "A",
  timestamp: NOW - 60,
  typeMessage: "textMessage",
  chatId: "79000000000@c.us",
  statusMessage: "sent",
  sendByApi: true,
};

/** A parsed journal entry. */
function entryOf(fields: object = {}): JournalEntry {
  const entry = DEFAULT_GATEWAY.upstream?.journals.entryOf({ ...ELEMENT, ...fields }, {});
  if (entry === undefined) throw new Error("no entry");
  return entry;
}

/** Compares with an empty store, or one with this record. */
function comparison(record?: MessageRecord) {
  const batches: (readonly string[])[] = [];
  const made = new JournalComparison({
    messages: { message: async () => Promise.resolve(record) },
    settings: { settings: async () => Promise.resolve([]) },
    queue: {
      shards: 1,
      put: async (_, lines) => {
        batches.push(lines);
        return Promise.resolve("1");
      },
      waiting: async () => Promise.resolve(0),
    },
    pseudonyms: new Pseudonyms("a".repeat(32)),
    retentionDays: 30,
    now: () => NOW * 1000,
  });
  return { made, batches };
}

/** The number of event loop turns during some work. */
async function turnsDuring(work: Promise<unknown>): Promise<number> {
  let [turns, isDone] = [0, false];
  const count = () => {
    turns += 1;
    if (!isDone) setImmediate(count);
  };
  setImmediate(count);
  await work;
  isDone = true;
  return turns;
}

describe("JournalComparison", () => {
  it("splits a journal of unknown messages into batches of limited size", async () => {
    const { made, batches } = comparison();
    const entries = Array.from({ length: 2_000 }, (_, i) => entryOf({ idMessage: `M${String(i)}` }));
    const counts = noCounts();
    expect(await turnsDuring(made.feed("1", entries, counts))).toBeGreaterThan(2);
    expect(counts).toMatchObject({ checked: 2_000, missing: 2_000, skipped: 0 });
    expect(batches.flat()).toHaveLength(4_000);
    for (const lines of batches) expect(lines.length).toBeLessThanOrEqual(500);
  });

  it("reads at most twenty entries of one message", async () => {
    const { made, batches } = comparison();
    const group = "120363000000000000@g.us";
    const entries = Array.from({ length: 10_000 }, () => entryOf({ chatId: group, statusMessage: "" }));
    const counts = noCounts();
    await made.feed("1", entries, counts);
    expect(counts).toMatchObject({ checked: 1, skipped: 10_000 });
    expect(batches.flat()).toHaveLength(1);
  });

  it("reads at most 2,000 viewers of a story, in slices", async () => {
    const { made, batches } = comparison();
    const record = newRecord("outgoing", "A");
    const chatIds = Array.from({ length: 1000 }, (_, i) => `7900${String(1_000_000 + i)}@c.us`);
    const statistic = Array.from({ length: 100 }, () => ({ at: NOW - 30, chatIds, status: "read" }));
    const entry = entryOf({ chatId: "status@broadcast" });
    const counts = noCounts();
    const fed = made.feedRecipients("1", { entry, record, wasKnown: true }, statistic, counts);
    expect(await turnsDuring(fed)).toBeGreaterThan(2);
    expect(counts.skipped).toBe(98_000);
    expect(batches.flat()).toHaveLength(1000);
  });
});
