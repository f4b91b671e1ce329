import { describe, expect, it } from "vitest";
import type { InstanceEvent } from "@ticktally/core";
import { bodyOf, echoBody, statusBody } from "./bodies.ts";
import { meta } from "./meta.ts";

const RECEIVED_AT = 1_790_000_100;
const NUMBER = "100000000000001";

/** What a body comes to, each part by itself: its events, or why it is refused. */
function read(body: unknown): readonly unknown[] {
  return meta.split(meta.parse(JSON.stringify(body))).map((part) => {
    const result = meta.toEvents(part, RECEIVED_AT);
    if (result.kind === "events") return withoutUndefined(result.events);
    return result.kind === "nothing" ? "nothing" : `${result.reason} of ${result.instance ?? "no one"}`;
  });
}

function withoutUndefined(events: readonly InstanceEvent[]): unknown {
  return JSON.parse(JSON.stringify(events));
}

const SIGNAL = [{ kind: "signal", receivedAt: RECEIVED_AT }];

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

  it.each(["sent", "delivered", "read", "played"])("%s is a rank of ours", (word) => {
    expect(read(statusBody({ ...status, status: word }))).toEqual([[{ ...base, status: word }]]);
  });

  it.each([
    [
      "by phone number, where both are known",
      { recipient_id: "15550001111", recipient_user_id: "US.1" },
      "15550001111@c.us",
    ],
    ["by user id, when it was sent to one", { recipient_id: undefined, recipient_user_id: "US.1" }, "US.1@bsuid"],
    [
      "by the parent's user id, when nothing else is told",
      { recipient_id: undefined, recipient_parent_user_id: "US.ENT.1" },
      "US.ENT.1@bsuid",
    ],
    [
      "by the early spelling of that",
      { recipient_id: undefined, parent_recipient_user_id: "US.ENT.1" },
      "US.ENT.1@bsuid",
    ],
    ["by a number with a plus", { recipient_id: "+15550001111" }, "15550001111@c.us"],
    ["by a number that is not written as a text", { recipient_id: 15_550_001_111 }, "15550001111@c.us"],
  ])("names its chat %s", (_, fields, chatId) => {
    expect(read(statusBody({ ...status, ...fields }))).toEqual([[{ ...base, chatId, status: "delivered" }]]);
  });

  it("is counted without a chat, when it names none", () => {
    const { chatId, chatKind, ...rest } = base;
    expect([chatId, chatKind]).toEqual(["15550001111@c.us", "individual"]);
    expect(read(statusBody({ ...status, recipient_id: undefined }))).toEqual([[{ ...rest, status: "delivered" }]]);
  });

  it("of a group is of a member, and each member's is by itself", () => {
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

  it("has the price that Meta charges, and then is of the API", () => {
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
  ])("with a time in %s is taken at the right one", (_, timestamp, time) => {
    expect(read(statusBody({ ...status, timestamp }))).toMatchObject([[time]]);
  });

  it.each([
    ["a payment that failed", { type: "payment", status: "failed" }, SIGNAL],
    ["a call among messages", { type: "call", status: "RINGING" }, SIGNAL],
    ["a message that its reader deleted", { status: "deleted" }, SIGNAL],
    ["a type that no one knows", { type: "parcel" }, "unknown_status of meta:100000000000001"],
    ["a word that no one knows", { status: "evaporated" }, "unknown_status of meta:100000000000001"],
    ["a word of ours that is none of Meta's", { status: "yellowCard" }, "unknown_status of meta:100000000000001"],
    ["no id", { id: undefined }, "invalid_shape of meta:100000000000001"],
    ["an id that is too long", { id: "w".repeat(256) }, "invalid_shape of meta:100000000000001"],
    ["no word", { status: undefined }, "invalid_shape of meta:100000000000001"],
  ])("that is of %s is not counted", (_, fields, expected) => {
    expect(read(statusBody({ ...status, ...fields }))).toEqual([expected]);
  });

  it("takes nothing with it, when it is not understood", () => {
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

  it("keeps its code and Meta's words, and needs neither a recipient nor contacts", () => {
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
  ])("with the code %s is %s for the reason %s", (code, status, reason) => {
    expect(read(statusBody({ ...failed, errors: [error(code)] }))).toMatchObject([[{ status, reason }]]);
  });

  it("without an error is counted all the same", () => {
    expect(read(statusBody(failed))).toMatchObject([[{ status: "failed", reason: "none" }]]);
  });

  it("takes the error from beside the list, where older versions put it", () => {
    const body = bodyOf("messages", { statuses: [failed], errors: [error(131047)] });
    expect(read(body)).toMatchObject([[{ status: "noActiveSession", code: "131047" }]]);
  });
});

describe("a message of Meta", () => {
  const incoming = { from: "15550001111", from_user_id: "US.1", id: "wamid.A4", timestamp: "1790000005" };

  it.each([
    ["text", "text"],
    ["image", "image"],
    ["video", "video"],
    ["audio", "audio"],
    ["document", "document"],
    ["sticker", "sticker"],
    ["location", "location"],
    ["contacts", "contact"],
    ["interactive", "interactive"],
    ["button", "interactive"],
    ["order", "other"],
    ["unsupported", "other"],
    ["unknown", "other"],
    ["hologram", "other"],
    ["reaction", "reaction"],
    ["edit", "edited"],
    ["revoke", "deleted"],
  ])("of the type %s is %s", (word, type) => {
    expect(read(bodyOf("messages", { messages: [{ ...incoming, type: word }] }))).toEqual([
      [
        {
          kind: "observation",
          direction: "incoming",
          origin: "unknown",
          idMessage: "wamid.A4",
          chatId: "15550001111@c.us",
          chatKind: "individual",
          type,
          at: 1_790_000_005,
          receivedAt: RECEIVED_AT,
          untimed: false,
        },
      ],
    ]);
  });

  it.each([
    ["a person who hides the number", { from: undefined }, "US.1@bsuid", "individual"],
    ["a group", { group_id: "GROUP-1" }, "GROUP-1@g.us", "group"],
  ])("of %s is of that chat", (_, fields, chatId, chatKind) => {
    const messages = [{ ...incoming, ...fields, type: "text" }];
    expect(read(bodyOf("messages", { messages }))).toMatchObject([[{ chatId, chatKind }]]);
  });

  it.each(["system", "request_welcome"])("of the type %s is none", (type) => {
    expect(read(bodyOf("messages", { messages: [{ ...incoming, type }] }))).toEqual([SIGNAL]);
  });

  it("is outgoing and of the phone, when it is an echo", () => {
    const echo = { from: "15550002222", to: "15550001111", id: "wamid.A5", timestamp: "1790000006" };
    const [text, edit] = read(echoBody({ ...echo, type: "text" }, { ...echo, id: "wamid.A6", type: "edit" }));
    const base = { direction: "outgoing", origin: "phone", chatId: "15550001111@c.us" };
    expect([text, edit]).toMatchObject([[{ ...base, type: "text" }], [{ ...base, type: "edited" }]]);
  });
});

describe("a body of Meta", () => {
  it("may be of several accounts, numbers and kinds", () => {
    const status = (id: string) => ({ id, status: "sent", timestamp: "1790000000", recipient_id: "15550001111" });
    const first = bodyOf("messages", { statuses: [status("wamid.1"), status("wamid.2")] });
    const second = bodyOf("messages", { statuses: [status("wamid.3")] }, "100000000000002");
    const parts = meta.split({ object: first.object, entry: [...first.entry, ...second.entry] });
    expect(parts.map(({ instance, type }) => [instance, type])).toEqual([
      [`meta:${NUMBER}`, "statuses"],
      [`meta:${NUMBER}`, "statuses"],
      ["meta:100000000000002", "statuses"],
    ]);
  });

  it.each([
    [
      "calls, whose statuses are none of messages",
      "calls",
      { statuses: [{ id: "wacid.B1", status: "RINGING" }] },
      SIGNAL,
    ],
    ["history, which is no new traffic", "history", { messages: [{ id: "wamid.1", type: "text" }] }, SIGNAL],
    ["messages with errors of no message", "messages", { errors: [{ code: 130429 }] }, SIGNAL],
    ["messages without any", "messages", { contacts: [] }, `invalid_shape of meta:${NUMBER}`],
    ["messages whose list is none", "messages", { statuses: {} }, `invalid_shape of meta:${NUMBER}`],
    ["something new", "brand_new", { anything: [1] }, SIGNAL],
  ])("of %s counts no message", (_, field, value, expected) => {
    expect(read(bodyOf(field, value))).toEqual([expected]);
  });

  it("of a business account registers nothing", () => {
    expect(read(bodyOf("account_update", { event: "DISABLED_UPDATE" }, null))).toEqual(["nothing"]);
  });

  it.each([
    ["a list", [], "not_an_object of no one"],
    ["nothing", null, "not_an_object of no one"],
    ["another product's", { object: "instagram", entry: [{}] }, "no_type of no one"],
    ["no entry", { object: "whatsapp_business_account" }, "invalid_shape of no one"],
    ["no changes", { object: "whatsapp_business_account", entry: [{ id: "1" }] }, "invalid_shape of no one"],
    [
      "no field",
      { object: "whatsapp_business_account", entry: [{ changes: [{ field: "" }] }] },
      "invalid_shape of no one",
    ],
    ["no number", bodyOf("messages", { statuses: [{ id: "wamid.1", status: "sent" }] }, null), "no_instance of no one"],
    ["a number that is a word", bodyOf("messages", { statuses: [{ id: "wamid.1" }] }, "x y"), "no_instance of no one"],
  ])("that is %s is refused", (_, body, expected) => {
    expect(read(body)).toEqual([expected]);
  });

  it("keeps ids that are numbers beyond what JSON.parse can hold", () => {
    const text = JSON.stringify(statusBody({ id: "wamid.1", status: "sent" })).replace(
      `"${NUMBER}"`,
      "18014398509481985",
    );
    expect(meta.split(meta.parse(text)).map(({ instance }) => instance)).toEqual(["meta:18014398509481985"]);
  });

  it("with more than is read of one loses nothing without a word", () => {
    const statuses = Array.from({ length: 10_001 }, (_, place) => ({ id: `wamid.${String(place)}`, status: "sent" }));
    const parts = meta.split(meta.parse(JSON.stringify(statusBody(...statuses))));
    expect(parts).toHaveLength(10_000);
    const last = parts.at(-1);
    expect(last && meta.toEvents(last, RECEIVED_AT)).toMatchObject({ kind: "rejected", reason: "invalid_shape" });
  });

  it("that is long is counted whole", () => {
    const status = (id: number) => ({
      id: `wamid.${String(id)}`,
      status: "failed",
      errors: [{ code: 131047 }],
      note: "x".repeat(300),
    });
    const body = statusBody(...Array.from({ length: 1_000 }, (_, id) => status(id)));
    const text = JSON.stringify({ note: "x".repeat(70_000), ...body });
    const results = meta.split(meta.parse(text)).map((part) => meta.toEvents(part, RECEIVED_AT));
    expect(results).toHaveLength(1_000);
    for (const result of results)
      expect(result).toMatchObject({ events: [{ status: "noActiveSession", code: "131047" }] });
  });
});
