import { recipientOf, type InstanceEvent } from "@ticktally/core";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { PARTS_MAX, type Gateway, type Part } from "../gateway.ts";
import { Pseudonyms } from "../pseudonyms.ts";

/** An invented body in the gateway's shape, and its meaning. */
export interface Example {
  /** What it shows, to complete a sentence that begins with "reads". */
  readonly name: string;
  readonly body: unknown;
  /** For each part its type and its result: events, or the reason for the quarantine. */
  readonly parts: readonly ExamplePart[];
}

interface ExamplePart {
  readonly type: string;
  readonly instance?: string;
  /** Compared only with the given fields. */
  readonly events?: readonly Partial<InstanceEvent>[];
  readonly rejected?: string;
}

/** Unix seconds; the times of the examples are within a day of it. */
export const EXAMPLES_AT = 1_790_000_100;

const LINE_BYTES_MAX = 8 * 1024;
const CANARY = "canary";

/**
 * The promises of every adapter, see {@link Gateway}.
 * @param counted paths of fields whose texts are counted, list indices as `*`, such as `entry.*.id`: texts elsewhere must not be queued
 */
export function describeGateway(gateway: Gateway, examples: readonly Example[], counted: readonly string[]): void {
  const bodies = bodiesLike(examples.map(({ body }) => body));

  describe(`the adapter of ${gateway.name}`, () => {
    it.each(examples)("reads $name", ({ body, parts }) => {
      const read = partsOf(gateway, JSON.stringify(body)).map((part) => described(gateway, part));
      expect(read).toMatchObject(
        parts.map(({ rejected, events, ...part }) => ({ ...part, ...resultOf(rejected, events) })),
      );
      expect(read).toHaveLength(parts.length);
    });

    it("has an example of each type", () => {
      const shown = new Set(examples.flatMap(({ parts }) => parts.map(({ type }) => type)));
      expect([...gateway.types, "other", "none"].filter((type) => !shown.has(type))).toEqual([]);
    });

    it("throws only for a text that is not JSON", () => {
      fc.assert(
        fc.property(fc.oneof(fc.string({ unit: "binary" }), fc.json()), (text) => {
          if (isJson(text)) for (const part of partsOf(gateway, text)) lawful(gateway, part, text);
          else expect(() => gateway.parse(text)).toThrow(SyntaxError);
        }),
        { numRuns: 500 },
      );
    });

    it("queues any body, also one that resembles its own, in a form that it reads back as the same part", () => {
      fc.assert(
        fc.property(fc.oneof(bodies, fc.jsonValue({ maxDepth: 5 })), (body) => {
          const text = JSON.stringify(body);
          const parts = partsOf(gateway, text);
          expect(parts.length).toBeGreaterThan(0);
          expect(parts.length).toBeLessThanOrEqual(PARTS_MAX);
          for (const part of parts) lawful(gateway, part, text);
        }),
        { numRuns: 1_000 },
      );
    });

    it("queues no text except of counted fields", () => {
      for (const { body } of examples) {
        const planted = withCanaries(body, counted);
        for (const part of partsOf(gateway, JSON.stringify(planted)))
          expect(gateway.withoutContent(part), JSON.stringify(planted)).not.toContain(CANARY);
      }
    });

    it.each([1_000, 100_000])("queues at most a few kB of a body of any length", (chars) => {
      for (const { body } of examples)
        for (const junk of junkOf(chars)) {
          const planted = { ...(typeof body === "object" ? body : { body }), junk };
          for (const part of partsOf(gateway, JSON.stringify(planted))) lawful(gateway, part, JSON.stringify(planted));
        }
    });

    it("never contains what pseudonyms replace, and reads back the same", () => {
      const pseudonyms = new Pseudonyms("a key of thirty-two characters, or more");
      for (const { body } of examples)
        for (const part of partsOf(gateway, JSON.stringify(body))) {
          const line = gateway.withoutContent(part, pseudonyms);
          for (const chat of chatsOf(gateway, part)) expect(line).not.toContain(/\d{5,}/.exec(chat)?.[0] ?? chat);
          const [again, ...others] = partsOf(gateway, line);
          expect(others).toEqual([]);
          if (again !== undefined) expect(gateway.withoutContent(again, pseudonyms)).toBe(line);
        }
    });

    it("says nothing about another's instance: the body contains what it names", () => {
      fc.assert(
        fc.property(bodies, (body) => {
          const text = JSON.stringify(body);
          for (const { instance } of partsOf(gateway, text))
            if (instance !== undefined) expect(text).toContain(externalId(instance));
        }),
        { numRuns: 500 },
      );
    });
  });
}

function lawful(gateway: Gateway, part: Part, text: string): void {
  const line = gateway.withoutContent(part);
  expect(line).not.toMatch(/[\r\n]/);
  expect(Buffer.byteLength(line), text.slice(0, 1_000)).toBeLessThanOrEqual(LINE_BYTES_MAX);
  expect([...gateway.types, "other", "none"]).toContain(part.type);
  const queued = partsOf(gateway, line);
  expect(
    queued.map((one) => described(gateway, one)),
    text.slice(0, 1_000),
  ).toEqual([described(gateway, part)]);
}

function described(gateway: Gateway, part: Part) {
  const result = gateway.toEvents(part, EXAMPLES_AT);
  return {
    type: part.type,
    ...(part.instance === undefined ? {} : { instance: part.instance }),
    ...(result.kind === "rejected" ? resultOf(result.reason, undefined) : {}),
    ...(result.kind === "events" ? resultOf(undefined, result.events) : {}),
  };
}

function resultOf(rejected: string | undefined, events: readonly Partial<InstanceEvent>[] | undefined) {
  return { ...(rejected === undefined ? {} : { rejected }), ...(events === undefined ? {} : { events }) };
}

function partsOf(gateway: Gateway, text: string): readonly Part[] {
  return gateway.split(gateway.parse(text));
}

function chatsOf(gateway: Gateway, part: Part): readonly string[] {
  const result = gateway.toEvents(part, EXAMPLES_AT);
  const chats =
    result.kind === "events"
      ? result.events.flatMap((event) => ("chatId" in event ? [event.chatId, recipientOf(event)] : []))
      : [];
  return chats.filter((chat) => chat !== undefined && chat !== "status@broadcast").map(String);
}

/** The part of an instance's id that the gateway itself uses. */
function externalId(instance: string): string {
  return instance.split(":").at(-1) ?? instance;
}

/** The same body with a canary in place of every uncounted text. */
function withCanaries(value: unknown, counted: readonly string[], path = ""): unknown {
  if (typeof value === "string") return counted.includes(path) ? value : `${CANARY} ${path}`;
  if (Array.isArray(value)) return value.map((one) => withCanaries(one, counted, `${path}.*`));
  if (typeof value !== "object" || value === null) return value;
  const fields = Object.entries(value).map(([name, held]) => {
    const below = path === "" ? name : `${path}.${name}`;
    return [name, withCanaries(held, counted, below)] as const;
  });
  return { ...Object.fromEntries(fields), [`${CANARY.slice(1)}s`]: { text: `${CANARY} added`, list: [CANARY] } };
}

/** Bodies that resemble examples: some values are different or missing. */
function bodiesLike(bodies: readonly unknown[]): fc.Arbitrary<unknown> {
  const odd = fc.oneof(
    fc.jsonValue({ maxDepth: 2 }),
    fc.string({ maxLength: 400 }),
    fc.constantFrom(null, 0, -1, 2 ** 60),
  );
  const like = (value: unknown): fc.Arbitrary<unknown> => {
    const usual: fc.Arbitrary<unknown> = Array.isArray(value)
      ? fc.tuple(...value.map(like))
      : typeof value === "object" && value !== null
        ? fc.record(Object.fromEntries(Object.entries(value).map(([name, held]) => [name, like(held)])), {
            requiredKeys: Object.keys(value).filter((_, place) => place % 5 !== 4),
          })
        : fc.constant(value);
    return fc.oneof({ arbitrary: usual, weight: 24 }, { arbitrary: odd, weight: 1 });
  };
  return fc.oneof(...bodies.map(like));
}

function junkOf(chars: number): readonly unknown[] {
  const deep = JSON.parse("[".repeat(500) + "]".repeat(500)) as unknown;
  return [
    "x".repeat(chars),
    Array.from({ length: chars }, () => 1),
    Object.fromEntries(Array.from({ length: chars / 10 }, (_, i) => [`k${String(i)}`, "+7 900 123-45-67"])),
    deep,
  ];
}

function isJson(text: string): boolean {
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}
