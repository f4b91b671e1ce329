import fc from "fast-check";
import { freshInstance, OBSERVATIONS, statusOf } from "./webhooks.ts";

/** What ingest and worker must do with a webhook. `type` is the label under which it is counted. */
interface ExpectedHandling {
  readonly isQuarantined: boolean;
  readonly type: string;
}

const COUNTING = ["outgoingMessageStatus", "stateInstanceChanged", ...Object.values(OBSERVATIONS)];
const OTHERS = [
  "deviceInfo",
  "incomingCall",
  "outgoingCall",
  "incomingBlock",
  "quotaExceeded",
  "statusInstanceChanged",
];

/** Decided by the envelope alone. Only for {@link invalidWebhook}, whose message and state webhooks are always invalid. */
export function expectedHandling(text: string): ExpectedHandling {
  const body: unknown = JSON.parse(text);
  const isObject = typeof body === "object" && body !== null && !Array.isArray(body);
  const type = isObject && "typeWebhook" in body ? body.typeWebhook : undefined;
  if (typeof type !== "string" || type === "") return { isQuarantined: true, type: "none" };
  const known = [...COUNTING, ...OTHERS].includes(type);
  return { isQuarantined: COUNTING.includes(type), type: known ? type : "other" };
}

const any = fc.jsonValue({ maxDepth: 3 });
/** `null` is left out: a webhook without a status is valid and counts as a signal. */
const notText = any.filter((value) => typeof value !== "string" && value !== null);
const tooLong = fc.string({ minLength: 256, maxLength: 300 });

/** Field values that make a webhook invalid. */
const BROKEN: readonly (readonly [string, fc.Arbitrary<unknown>])[] = [
  ["idMessage", fc.oneof(fc.constantFrom("", null, undefined, true, 1.5, {}), tooLong)],
  [
    "timestamp",
    fc.oneof(
      fc.constantFrom(-1, "soon", "-5", true, [], {}),
      fc.string().map((text) => `x${text}`),
    ),
  ],
];
const BROKEN_STATUS: typeof BROKEN = [
  ...BROKEN,
  [
    "status",
    fc.oneof(
      notText,
      fc.string().map((text) => `${text}?`),
      fc.constantFrom("sent.", "s ent", "toString"),
    ),
  ],
  ["chatId", fc.oneof(tooLong, fc.constantFrom(true, [], {}))],
  ["sendByApi", fc.constantFrom("true", 1, [], {})],
  ["description", fc.constantFrom(1, true, [], {})],
];
const BROKEN_OBSERVATION: typeof BROKEN = [
  ...BROKEN,
  ["messageData", fc.constantFrom("text", 1, [], { typeMessage: 5 }, { typeMessage: {} })],
  ["senderData", fc.constantFrom("me", 1, { chatId: true }, { chatId: {} })],
];
const BROKEN_STATE: typeof BROKEN = [["stateInstance", fc.oneof(tooLong, fc.constantFrom("", null, 1, {}, undefined))]];
const NO_INSTANCE = fc.constantFrom(
  ...[undefined, null, 5, "7103000000", [], {}],
  ...["x", "", "-5", -5, 1.5, null, {}, "123456789012345678901"].map((idInstance) => ({ idInstance })),
);

function broken(typeWebhook: string, fields: typeof BROKEN): fc.Arbitrary<object> {
  const all = [...fields, ["instanceData", NO_INSTANCE] as const];
  return fc.constantFrom(...all).chain(([name, value]) =>
    value.map((wrong) => ({
      ...statusOf(freshInstance(), "M", "sent"),
      typeWebhook,
      stateInstance: "authorized",
      [name]: wrong,
    })),
  );
}

const bodies = fc.oneof(
  any,
  fc.dictionary(fc.string(), any),
  fc.record({ typeWebhook: fc.oneof(notText, fc.constant("")), instanceData: any, rest: any }, { requiredKeys: [] }),
  fc.record({ typeWebhook: fc.oneof(fc.string(), fc.constantFrom(...OTHERS, "__proto__")), instanceData: any, x: any }),
  fc
    .constantFrom(...OTHERS, "somethingNew")
    .map((type) => ({ ...statusOf(freshInstance(), "M", "sent"), typeWebhook: type })),
  broken("outgoingMessageStatus", BROKEN_STATUS),
  broken("stateInstanceChanged", BROKEN_STATE),
  ...Object.values(OBSERVATIONS).map((type) => broken(type, BROKEN_OBSERVATION)),
);

/** JSON that cannot be counted as a message: from plain numbers to webhooks with one invalid field. */
export const invalidWebhook = bodies.map((body) => JSON.stringify(body));
