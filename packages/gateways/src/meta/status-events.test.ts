import { describe, expect, it } from "vitest";
import { bodyOf, statusBody } from "./testing/bodies.ts";
import { read, RECEIVED_AT, SIGNAL } from "./testing/reading.ts";

describe("a status of Meta", () => {
  const status = { id: "wamid.A1", status: "delivered", timestamp: "1790000000", recipient_id: "15550001111" };
  const base = {
    kind: "status",
    idMessage: "wamid.A1",
    chatId: "15550001111@c.us",
    chatKind: "individual",
    origin: "unknown",
    at: 1_790_000_000,
    receivedAt: RECEIVED_AT,
    untimed: false,
  };

  it.each(["sent", "delivered", "read", "played"])("%s is one of our statuses", (word) => {
    expect(read(statusBody({ ...status, status: word }))).toEqual([[{ ...base, status: word }]]);
  });

  it.each([
    [
      "by phone number, if both are given",
      { recipient_id: "15550001111", recipient_user_id: "US.1" },
      "15550001111@c.us",
    ],
    ["by user id, when it was sent to one", { recipient_id: undefined, recipient_user_id: "US.1" }, "US.1@bsuid"],
    [
      "by the parent's user id, if it is the only id",
      { recipient_id: undefined, recipient_parent_user_id: "US.ENT.1" },
      "US.ENT.1@bsuid",
    ],
    [
      "by the older name of that field",
      { recipient_id: undefined, parent_recipient_user_id: "US.ENT.1" },
      "US.ENT.1@bsuid",
    ],
    ["by a number with a plus", { recipient_id: "+15550001111" }, "15550001111@c.us"],
    ["by a number that is not written as a text", { recipient_id: 15_550_001_111 }, "15550001111@c.us"],
  ])("names its chat %s", (_, fields, chatId) => {
    expect(read(statusBody({ ...status, ...fields }))).toEqual([[{ ...base, chatId, status: "delivered" }]]);
  });

  it("is counted without a chat if it has none", () => {
    const { chatId, chatKind, ...rest } = base;
    expect([chatId, chatKind]).toEqual(["15550001111@c.us", "individual"]);
    expect(read(statusBody({ ...status, recipient_id: undefined }))).toEqual([[{ ...rest, status: "delivered" }]]);
  });

  it("of a group is a separate status for each member", () => {
    const group = { id: "wamid.A3", recipient_id: "GROUP-1", recipient_type: "group", timestamp: "1790000002" };
    const members = statusBody(
      { ...group, status: "delivered", recipient_participant_id: "15550001111", recipient_participant_user_id: "US.1" },
      { ...group, status: "read", recipient_participant_user_id: "US.2" },
      { ...group, status: "sent" },
      { ...group, status: "read", recipient_type: undefined, participant_recipient_id: "15550003333" },
    );
    const chat = { ...base, idMessage: "wamid.A3", chatId: "GROUP-1@g.us", chatKind: "group", at: 1_790_000_002 };
    expect(read(members)).toEqual([
      [{ ...chat, recipientId: "15550001111@c.us", status: "delivered" }],
      [{ ...chat, recipientId: "US.2@bsuid", status: "read" }],
      [{ ...chat, status: "sent" }],
      [{ ...chat, recipientId: "15550003333@c.us", status: "read" }],
    ]);
  });

  it("has the price that Meta charges, and then is from the API", () => {
    const pricing = { billable: true, pricing_model: "PMP", type: "regular", category: "utility" };
    const price = { category: "utility", type: "regular" };
    expect(read(statusBody({ ...status, pricing }))).toEqual([
      [{ ...base, origin: "api", status: "delivered", price }],
    ]);
  });

  it.each([
    [
      { category: "group_marketing", type: "free_entry_point" },
      { category: "group_marketing", type: "free_entry_point" },
    ],
    [
      { category: "brand_new", type: "half_price" },
      { category: "other", type: "other" },
    ],
    [
      { category: "service", pricing_model: "CBP", billable: true },
      { category: "service", type: "regular" },
    ],
    [
      { category: "service", pricing_model: "CBP", billable: false },
      { category: "service", type: "other" },
    ],
    [{ billable: true }, undefined],
  ])("with the pricing %j has the price %j", (pricing, price) => {
    expect(read(statusBody({ ...status, pricing }))).toMatchObject([[price === undefined ? {} : { price }]]);
  });

  it.each([
    ["seconds as a text", "1790000000", { at: 1_790_000_000, untimed: false }],
    ["seconds as a number", 1_790_000_000, { at: 1_790_000_000, untimed: false }],
    ["none", undefined, { at: RECEIVED_AT, untimed: true }],
    ["zero", "0", { at: RECEIVED_AT, untimed: true }],
    ["milliseconds", "1790000000000", { at: RECEIVED_AT, untimed: true }],
    ["words", "yesterday", { at: RECEIVED_AT, untimed: true }],
  ])("with a time in %s has the right time", (_, timestamp, time) => {
    expect(read(statusBody({ ...status, timestamp }))).toMatchObject([[time]]);
  });

  it.each([
    ["a payment that failed", { type: "payment", status: "failed" }, SIGNAL],
    ["a call among messages", { type: "call", status: "RINGING" }, SIGNAL],
    ["a message deleted by its reader", { status: "deleted" }, SIGNAL],
    ["an unknown type", { type: "parcel" }, "unknown_status of meta:100000000000001"],
    ["an unknown status", { status: "evaporated" }, "unknown_status of meta:100000000000001"],
    ["a status of ours that Meta does not have", { status: "yellowCard" }, "unknown_status of meta:100000000000001"],
    ["no id", { id: undefined }, "invalid_shape of meta:100000000000001"],
    ["an id that is too long", { id: "w".repeat(256) }, "invalid_shape of meta:100000000000001"],
    ["no status", { status: undefined }, "invalid_shape of meta:100000000000001"],
  ])("of %s is not counted", (_, fields, expected) => {
    expect(read(statusBody({ ...status, ...fields }))).toEqual([expected]);
  });

  it("does not affect other statuses if it is unknown", () => {
    const words = read(statusBody(status, { ...status, status: "evaporated" }, 5, { ...status, id: "wamid.A2" }));
    expect(words).toMatchObject([
      [{ idMessage: "wamid.A1" }],
      "unknown_status of meta:100000000000001",
      "invalid_shape of meta:100000000000001",
      [{ idMessage: "wamid.A2" }],
    ]);
  });
});

describe("a failure of Meta", () => {
  const failed = { id: "wamid.A2", status: "failed", timestamp: "1790000001", recipient_user_id: "US.1" };
  const error = (code: unknown) => ({ code, title: "Title", message: "Message", error_data: { details: "Details" } });

  it("keeps its code and Meta's text, and requires neither a recipient nor contacts", () => {
    expect(read(statusBody({ ...failed, errors: [error(131049)] }))).toMatchObject([
      [{ status: "failed", reason: "engagement_limited", code: "131049", description: "Details", origin: "api" }],
    ]);
  });

  it.each([
    [131047, "noActiveSession", "no_active_session"],
    [131041, "notInGroup", "not_in_group"],
    [131212, "notInGroup", "not_in_group"],
    [131026, "failed", "recipient_unreachable"],
    [130472, "failed", "engagement_limited"],
    [131050, "failed", "opted_out"],
    [131048, "failed", "account_limited"],
    [80007, "failed", "rate_limited"],
    [132015, "failed", "template_rejected"],
    [131053, "failed", "media_failed"],
    [131009, "failed", "invalid_request"],
    [131204, "failed", "group_too_large"],
    [131042, "failed", "payment"],
    [0, "failed", "not_authenticated"],
    [200, "failed", "not_authenticated"],
    [299, "failed", "not_authenticated"],
    [300, "failed", "other"],
    [131000, "failed", "gateway_error"],
    ["131000", "failed", "gateway_error"],
    [999_999, "failed", "other"],
    ["not-a-code", "failed", "other"],
    [undefined, "failed", "none"],
  ])("with the code %s is %s with the reason %s", (code, status, reason) => {
    expect(read(statusBody({ ...failed, errors: [error(code)] }))).toMatchObject([[{ status, reason }]]);
  });

  it("without an error is also counted", () => {
    expect(read(statusBody(failed))).toMatchObject([[{ status: "failed", reason: "none" }]]);
  });

  it("reads the error of older versions, which is not in the list", () => {
    const body = bodyOf("messages", { statuses: [failed], errors: [error(131047)] });
    expect(read(body)).toMatchObject([[{ status: "noActiveSession", code: "131047" }]]);
  });
});
