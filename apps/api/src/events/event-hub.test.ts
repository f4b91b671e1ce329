import { EventEmitter } from "node:events";
import type { ServerResponse } from "node:http";
import { positionAt, positionText } from "@ticktally/redis";
import { countsEventData, type CountsEventData } from "@ticktally/schemas";
import { afterEach, describe, expect, it, vi } from "vitest";
import { EventHub } from "./event-hub.ts";

const START = 1_790_000_000_000;
const hubs: EventHub[] = [];
afterEach(() => {
  for (const hub of hubs.splice(0)) hub.stop();
});

/** A connection whose reader reads everything immediately. */
class Reader extends EventEmitter {
  readonly writableLength = 0;
  readonly destroyed = false;
  text = "";

  writeHead(): this {
    return this;
  }
  write(text: string): boolean {
    this.text += text;
    return true;
  }
  end(): this {
    this.emit("close");
    return this;
  }

  get messages(): number {
    return this.text.split("event: message").length - 1;
  }
  get counts(): readonly CountsEventData[] {
    return [...this.text.matchAll(/^event: counts\nid: .*\ndata: (.*)$/gm)].map(([, data = ""]) =>
      countsEventData.parse(JSON.parse(data)),
    );
  }
}

const MESSAGES = 20_000;
const OF_AN_ENTRY = 50;
const ENTRIES = MESSAGES / OF_AN_ENTRY;

/** A hub whose outbox has one entry for each of the last milliseconds, and a reader that reconnects with an older position. */
function opened() {
  const clock = { now: START };
  const entry = (ms: number) => ({
    instance: "1",
    ms,
    sequence: 0,
    transitions: Array.from({ length: OF_AN_ENTRY }, (_, i) => {
      const idMessage = `M${String(ms)}-${String(i)}`;
      return { idMessage, direction: "outgoing", before: null, after: "sent", at: 1 } as const;
    }),
    bytes: 2_500,
  });
  const outbox = {
    want: async () => Promise.resolve(0),
    now: async () => Promise.resolve(START),
    trimmed: async () => Promise.resolve([]),
    read: async ([cursor]: readonly { readonly after: string }[], max: number) => {
      const from = Math.max(Number(cursor?.after.split("-")[0]) + 1, START - ENTRIES);
      const count = Math.max(0, Math.min(max, START - from));
      return Promise.resolve(Array.from({ length: count }, (_, i) => entry(from + i)));
    },
  };
  const hub = new EventHub({
    outbox,
    registry: {
      slices: async function* () {
        yield await Promise.resolve([]);
      },
    },
    now: () => clock.now,
    onError: (error) => {
      throw error;
    },
  });
  hubs.push(hub);
  const reader = new Reader();
  const lastEventId = positionText(positionAt(START - ENTRIES));
  const open = async (to = reader, instanceToken?: string) => {
    const chosen = new Map([["1", "sales"]]);
    const isAllowed = async () => Promise.resolve(true);
    await hub.open(to as unknown as ServerResponse, { instanceToken, chosen, lastEventId, isAllowed });
  };
  return { clock, reader, open };
}

describe("a reader that reconnects", () => {
  it("gets missed messages at 50 a second, and after a minute the number of skipped ones", async () => {
    const { clock, reader, open } = opened();
    await open();
    await vi.waitUntil(() => reader.messages === 50);
    clock.now += 60_000;
    const skipped = () => reader.counts.reduce((sum, counts) => sum + counts.skipped, 0);
    await vi.waitUntil(() => reader.messages + skipped() === MESSAGES, 20_000);
    expect(reader.messages).toBe(100);
    expect(reader.counts.some(({ missed }) => missed)).toBe(false);
  });

  it("is notified of missed events if sending them would take too long", async () => {
    const { clock, reader, open } = opened();
    await open();
    await vi.waitUntil(() => reader.messages === 50);
    clock.now += 70_000;
    await vi.waitUntil(() => reader.counts.some(({ missed }) => missed), 20_000);
    expect(reader.messages).toBeLessThan(MESSAGES);
  });
});

it("an instance's token has at most 20 streams, and other tokens keep theirs", async () => {
  const { open } = opened();
  const readers = Array.from({ length: 20 }, () => new Reader());
  for (const reader of readers) await open(reader, "a");
  await expect(open(new Reader(), "a")).rejects.toMatchObject({ code: "unavailable" });
  await open(new Reader(), "b");
  for (let i = 0; i < 25; i++) await open(new Reader());
  readers[0]?.end();
  await open(new Reader(), "a");
});
