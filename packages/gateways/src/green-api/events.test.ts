import { describe, expect, it } from "vitest";
import { greenApi } from "./green-api.ts";

const NOW = 1_790_000_100;
const instanceData = { idInstance: 7103000901, wid: "79990000009@c.us", typeInstance: "whatsapp" };

function status(fields: object) {
  const typeWebhook = "outgoingMessageStatus";
  const common = { typeWebhook, instanceData, chatId: "79000000009@c.us", timestamp: 1_790_000_000, idMessage: "S9" };
  const [part] = greenApi.split({ ...common, status: "sent", sendByApi: true, ...fields });
  return part && greenApi.toEvents(part, NOW);
}

describe("the events of a status webhook", () => {
  it.each([
    ["Suspended", "yellowCard"],
    ["suspended", "yellowCard"],
    ["YELLOWCARD", "yellowCard"],
    ["Delivered", "delivered"],
    ["read ", "read"],
    ["Fail", "failed"],
    ["NoAccount", "noAccount"],
    ["notingroup", "notInGroup"],
  ])("%j is %s", (word, expected) => {
    expect(status({ status: word })).toMatchObject({ kind: "events", events: [{ kind: "status", status: expected }] });
  });

  it.each(["", "  ", null])("%j only updates the time of the last webhook", (word) => {
    expect(status({ status: word })).toMatchObject({ kind: "events", events: [{ kind: "signal" }] });
  });

  it("another status is unknown", () => {
    expect(status({ status: "evaporated" })).toMatchObject({ kind: "rejected", reason: "unknown_status" });
  });

  it.each([
    [1_790_000_000, 1_790_000_000],
    ["1790000000", 1_790_000_000],
    [" 1790000000 ", 1_790_000_000],
    [1_790_000_000.5, 1_790_000_000],
    ["1790000000.5", 1_790_000_000],
    [{ low: 1_790_000_000 }, 1_790_000_000],
    ["", NOW],
    [{ low: 1_790_000_000, high: 0, unsigned: true }, 1_790_000_000],
    // The lower half as a signed number, and an invalid time.
    [{ low: -1, high: 0, unsigned: true }, NOW],
    [{ low: 0, high: 1 }, NOW],
    [0, NOW],
  ])("the time %j is read as %i", (timestamp, at) => {
    expect(status({ timestamp })).toMatchObject({ kind: "events", events: [{ at, untimed: at === NOW }] });
  });

  it.each([{}, { low: "1" }, [1], true, -1, "soon"])("the time %j is rejected", (timestamp) => {
    expect(status({ timestamp })).toMatchObject({ kind: "rejected", reason: "invalid_shape" });
  });
});

describe("the events of a webhook about the account's state", () => {
  it.each([1_790_000_000, "1790000000", " 1790000000 ", { low: 1_790_000_000, high: 0 }])(
    "the time %j is read",
    (timestamp) => {
      const [part] = greenApi.split({
        typeWebhook: "stateInstanceChanged",
        instanceData,
        timestamp,
        stateInstance: "authorized",
      });
      expect(part && greenApi.toEvents(part, NOW)).toMatchObject({
        events: [{ state: "authorized", at: 1_790_000_000 }],
      });
    },
  );
});

describe("a list of webhooks", () => {
  const webhook = { typeWebhook: "outgoingMessageStatus", instanceData, timestamp: 1, idMessage: "S9", status: "sent" };

  it("has one part for each webhook, for any length and for ids beyond 2^53", () => {
    const many = Array.from({ length: 2_000 }, (_, place) => ({
      ...webhook,
      idMessage: String(place),
      text: "good morning",
    }));
    const parts = greenApi.split(greenApi.parse(JSON.stringify(many)));
    expect(parts.map(({ body }) => body)).toMatchObject(many.map(({ idMessage }) => ({ idMessage })));
    const [part] = greenApi.split(greenApi.parse(JSON.stringify([webhook]).replace('"S9"', "12345678901234567890")));
    expect(part?.body).toMatchObject({ idMessage: "12345678901234567890" });
  });

  it("has at most 10,000 parts, the last of which reports that there were more", () => {
    const parts = greenApi.split(Array.from({ length: 10_001 }, () => webhook));
    expect([parts.length, parts.at(-1)?.type, parts.at(-2)?.type]).toEqual([10_000, "none", webhook.typeWebhook]);
  });
});
