import { positionAt, positionText } from "@ticktally/redis";
import { countsEventData, type CountsEventData } from "@ticktally/schemas";
import { describe, expect, it } from "vitest";
import { EventStream } from "./event-stream.ts";
import { namedEvent, type NamedEvent } from "./event-text.ts";

const START = 1_790_000_000_000;

/** Records what is written; it counts as unread until it is read. */
class Sink {
  text = "";
  state: "open" | "ended" | "destroyed" = "open";
  writableLength = 0;

  write(text: string): boolean {
    this.text += text;
    return true;
  }
  end(): this {
    this.state = "ended";
    return this;
  }
  destroy(): this {
    this.state = "destroyed";
    return this;
  }

  /** The events written since the last call, with their ids and data. */
  taken(): readonly { readonly event: string | undefined; readonly id: string | undefined; readonly data: unknown }[] {
    const blocks = this.text.split("\n\n").filter((block) => block !== "");
    this.text = "";
    return blocks.map((block) => {
      const field = (name: string) => new RegExp(`^${name}: (.*)$`, "m").exec(block)?.[1];
      return { event: field("event"), id: field("id"), data: JSON.parse(field("data") ?? "null") as unknown };
    });
  }

  messages(): number {
    return this.taken().filter(({ event }) => event === "message").length;
  }

  counts(): CountsEventData {
    return countsEventData.parse(this.taken().findLast(({ event }) => event === "counts")?.data);
  }
}

function event(ms: number, instance = "1", isChange = true): NamedEvent {
  const position = { ms, sequence: 0, instance, index: 0 };
  const [before, after] = ["sent", "read"] as const;
  const change = { idMessage: `M${String(ms)}`, direction: "outgoing", before, after, at: 1_790_000_000 } as const;
  return namedEvent({ position, instance, transition: isChange ? change : undefined }, `name-${instance}`);
}

const events = (count: number, from = START + 1) => Array.from({ length: count }, (_, i) => event(from + i));

function open(more: Partial<ConstructorParameters<typeof EventStream>[0]> = {}) {
  const sink = new Sink();
  const stream = new EventStream({
    sink: sink as never,
    chosen: undefined,
    position: positionAt(START),
    isMissed: false,
    now: START,
    ...more,
  });
  sink.taken();
  return { sink, stream };
}

describe("a stream", () => {
  it("sends each transition with its id, and then the changed instances", () => {
    const { sink, stream } = open();
    stream.take([event(START + 5), event(START + 6, "2", false)], START + 10);
    stream.tick(START + 10);
    expect(sink.taken()).toEqual([
      {
        event: "message",
        id: `${String(START + 5)}-0-0-1`,
        data: {
          idMessage: `M${String(START + 5)}`,
          instance: "name-1",
          direction: "outgoing",
          before: "sent",
          after: "read",
          at: "2026-09-21T14:13:20.000Z",
        },
      },
      {
        event: "counts",
        id: `${String(START + 6)}-0-0-2`,
        data: { instances: ["name-1", "name-2"], more: false, skipped: 0, missed: false },
      },
    ]);
  });

  it("sends at most 50 messages in any second, and the number of skipped ones", () => {
    const { sink, stream } = open();
    stream.take(events(30), START + 900);
    stream.take(events(40, START + 31), START + 1_200);
    expect(sink.messages()).toBe(50);
    stream.take(events(10, START + 71), START + 1_899);
    expect(sink.messages()).toBe(0);
    stream.tick(START + 1_899);
    expect(sink.counts()).toMatchObject({ skipped: 30 });
    stream.take(events(60, START + 81), START + 1_900);
    expect(sink.messages()).toBe(30);
    stream.take(events(60, START + 141), START + 2_200);
    expect(sink.messages()).toBe(20);
  });

  it("sends counts at most once a second, and only if something was counted", () => {
    const { sink, stream } = open();
    for (let now = START; now < START + 10_000; now += 250) {
      stream.take([event(now + 1, "1", false)], now);
      stream.tick(now);
    }
    expect(sink.taken()).toHaveLength(10);
    stream.tick(START + 11_000);
    sink.taken();
    stream.tick(START + 13_000);
    expect(sink.taken()).toEqual([]);
  });

  it("names at most 500 instances", () => {
    const { sink, stream } = open();
    stream.take(
      Array.from({ length: 700 }, (_, i) => event(START + 1 + i, String(i), false)),
      START,
    );
    stream.tick(START);
    const { instances, more } = sink.counts();
    expect([new Set(instances).size, more]).toEqual([500, true]);
    stream.take([event(START + 9_000)], START + 2_000);
    stream.tick(START + 2_000);
    expect(sink.counts()).toMatchObject({ instances: ["name-1"], more: false });
  });

  it("leaves out other instances, and events that were sent before", () => {
    const { sink, stream } = open({ chosen: new Map([["1", "name-1"]]), position: positionAt(START + 100) });
    stream.take([event(START + 50), event(START + 101, "2"), event(START + 102)], START);
    stream.take([event(START + 102)], START);
    expect(sink.taken().map(({ id }) => id)).toEqual([`${String(START + 102)}-0-0-1`]);
  });

  it("reports missed events once", () => {
    const { sink, stream } = open({ isMissed: true });
    stream.tick(START);
    expect(sink.counts()).toMatchObject({ instances: [], missed: true });
    stream.tick(START + 5_000);
    expect(sink.taken()).toEqual([]);
  });

  it("sends a comment every 15 s, with the current position", () => {
    const { sink, stream } = open();
    const ids: unknown[] = [];
    for (let now = START; now < START + 60_000; now += 250) {
      stream.reached(positionAt(now));
      stream.tick(now);
      ids.push(...sink.taken().map(({ event: name, id }) => name ?? id));
    }
    expect(ids).toEqual([15, 30, 45].map((s) => positionText(positionAt(START + s * 1_000))));
  });

  it("pauses for a slow reader, reports what it skipped, and disconnects a stuck reader", () => {
    const { sink, stream } = open();
    sink.writableLength = 300 * 1024;
    stream.take(events(10), START);
    for (let now = START; now <= START + 29_000; now += 1_000) stream.tick(now);
    expect([sink.text, sink.state]).toEqual(["", "open"]);
    sink.writableLength = 0;
    stream.tick(START + 29_500);
    expect(sink.counts()).toMatchObject({ instances: ["name-1"], skipped: 10 });
    sink.writableLength = 300 * 1024;
    for (let now = START + 30_000; now <= START + 61_000; now += 1_000) stream.tick(now);
    expect(sink.state).toBe("destroyed");
  });

  it.each([
    [0, "ended"],
    [300 * 1024, "destroyed"],
  ])("with %i bytes unread is %s at its end", (unread, state) => {
    const { sink, stream } = open();
    sink.writableLength = unread;
    stream.end();
    expect(sink.state).toBe(state);
  });
});
