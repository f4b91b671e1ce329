import fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
  envelope,
  instanceData,
  isPlainMessage,
  isPlainStatus,
  messageWebhook,
  statusWebhook,
  webhookInstance,
  webhookType,
} from "./shapes.ts";

const text = fc.oneof(
  fc.string({ maxLength: 300 }),
  fc.constantFrom("", "x".repeat(128), "x".repeat(255), "x".repeat(256)),
);
const number = fc.oneof(fc.nat(), fc.double(), fc.constantFrom(-1, -0, 2 ** 53, Infinity, NaN));
const value = fc.oneof(text, number, fc.boolean(), fc.constantFrom(null, undefined), fc.constant([]), fc.constant({}));
/** Mostly a valid value, sometimes any value, or none. */
const field = (usual: fc.Arbitrary<unknown>) =>
  fc.oneof({ arbitrary: usual, weight: 8 }, { arbitrary: value, weight: 1 });
const body = (usual: Readonly<Record<string, fc.Arbitrary<unknown>>>) => fc.record(usual, { requiredKeys: [] });

const status = body({
  idMessage: field(text),
  status: field(text),
  timestamp: field(number),
  chatId: field(text),
  sendByApi: field(fc.boolean()),
  description: field(text),
});
const message = body({
  idMessage: field(text),
  timestamp: field(number),
  senderData: field(body({ chatId: field(text) })),
  messageData: field(body({ typeMessage: field(text) })),
});
const enveloped = body({ typeWebhook: field(text), instanceData: field(body({ idInstance: field(number) })) });

describe("a webhook that is read without a schema", () => {
  it.each([
    ["status", status, isPlainStatus, statusWebhook],
    ["message", message, isPlainMessage, messageWebhook],
  ] as const)("gives the same result as the schema: %s", (_, bodies, isPlain, schema) => {
    let plain = 0;
    fc.assert(
      fc.property(bodies, (given) => {
        if (!isPlain(given)) return;
        plain += 1;
        expect(given).toMatchObject(schema.parse(given));
      }),
      { numRuns: 6000 },
    );
    expect(plain).toBeGreaterThan(100);
  });

  it("has the same type and instance as with the schemas", () => {
    fc.assert(
      fc.property(enveloped, (given) => {
        expect(webhookType(given)).toBe(envelope.safeParse(given).data?.typeWebhook);
        expect(webhookInstance(given)).toBe(instanceData.safeParse(given).data?.instanceData.idInstance);
      }),
      { numRuns: 3000 },
    );
  });
});
