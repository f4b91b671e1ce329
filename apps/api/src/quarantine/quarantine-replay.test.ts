import type { QuarantineEntry } from "@ticktally/schemas";
import { expect, it } from "vitest";
import { replay } from "./quarantine-replay.ts";

const ENTRY = { reason: "no_type", detail: "", receivedAtMs: 5 } as const;
const ENTRIES: readonly QuarantineEntry[] = [
  { ...ENTRY, id: "short", text: '{"a":1}', instance: "1" },
  { ...ENTRY, id: "long", text: `{"a":[${"1,".repeat(2_000_000)}1],"instanceData":{"idInstance":1}}`, instance: "1" },
  { ...ENTRY, id: "no JSON", text: "{" },
  { ...ENTRY, id: "job", text: "{}", reason: "job_unreadable" },
];

it("queues a few kB of a large entry from an older version", async () => {
  const lines: string[] = [];
  let removed: readonly string[] = [];
  const quarantine = {
    ids: async () => Promise.resolve(ENTRIES.map(({ id }) => id)),
    entries: async () => Promise.resolve(ENTRIES),
    remove: async (ids: readonly string[]) => {
      removed = ids;
      return Promise.resolve(ids.length);
    },
  };
  const queue = {
    shards: 4,
    put: async (_: number, batch: readonly string[]) => {
      lines.push(...batch);
      return Promise.resolve("1");
    },
    waiting: async () => Promise.resolve(0),
  };
  expect(await replay({ quarantine, queue, now: () => 7 }, { all: true })).toEqual({ replayed: 2, skipped: 2 });
  expect(removed).toEqual(["short", "long"]);
  expect(lines[0]).toBe('5 @1 {"a":1}');
  expect(lines[1]?.length).toBeLessThan(8_000);
  expect(JSON.parse(lines[1]?.slice(2) ?? "")).toMatchObject({ instanceData: { idInstance: 1 } });
});
