import fc from "fast-check";
import { expect, it } from "vitest";
import { countedFields } from "./counted-fields.ts";
import { usualStatusJson } from "./status-json.ts";

/** Mostly the usual value, sometimes another one. */
const mostly = (usual: fc.Arbitrary<unknown>, other: fc.Arbitrary<unknown>) =>
  fc.oneof({ arbitrary: usual, weight: 24 }, { arbitrary: other, weight: 1 });
const odd = fc.constantFrom(null, undefined, [], {}, true);
const usually = (usual: fc.Arbitrary<unknown>) => mostly(usual, odd);
const text = mostly(fc.stringMatching(/^[\w@.:-]{1,20}$/), fc.constantFrom('"', "\\", "\u2028", "é", ""));
const number = mostly(fc.integer({ min: 1 }), fc.constantFrom(-1, 0, 1.5, 1e21, 2 ** 60));

it("is the same as from JSON.stringify, or undefined", () => {
  const status = fc.record(
    {
      instanceData: usually(fc.record({ idInstance: usually(number), typeInstance: usually(text) })),
      timestamp: usually(number),
      idMessage: usually(text),
      status: usually(text),
      chatId: usually(text),
      sendByApi: usually(fc.boolean()),
      description: fc.oneof({ arbitrary: fc.constant(undefined), weight: 6 }, text),
      fromJournal: fc.oneof({ arbitrary: fc.constant(undefined), weight: 6 }, fc.boolean()),
      junk: text,
    },
    { requiredKeys: ["instanceData", "timestamp", "idMessage", "status", "chatId", "sendByApi"] },
  );
  let usual = 0;
  fc.assert(
    fc.property(status, (fields) => {
      const body = countedFields("outgoingMessageStatus", fields);
      const json = usualStatusJson(body);
      if (json === undefined) return;
      usual += 1;
      expect(json).toBe(JSON.stringify(body));
    }),
    { numRuns: 3_000 },
  );
  expect(usual).toBeGreaterThan(100);
});
