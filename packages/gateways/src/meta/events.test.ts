import { describe, expect, it } from "vitest";
import { bodyOf, echoBody, statusBody } from "./testing/bodies.ts";
import { meta } from "./meta.ts";
import { read, RECEIVED_AT, SIGNAL } from "./testing/reading.ts";

const NUMBER = "100000000000001";

describe("a message of Meta", () => {
  it.each([
    ["edit", { edit: { original_message_id: "wamid.A4" } }, "edited"],
    ["revoke", { revoke: { original_message_id: "wamid.A4" } }, "deleted"],
    ["reaction", { reaction: { message_id: "wamid.A4", emoji: "+" } }, "reaction"],
  ])("that is a %s with the id of its message gets a new id", (type, held, action) => {
    const message = { ...incoming, type, ...held };
    const own = [{ type: action, idMessage: `wamid.A4~${action}~1790000005` }];
    expect(read(bodyOf("messages", { messages: [message] }))).toMatchObject([own]);
    expect(read(bodyOf("messages", { pad: "x".repeat(100_000), messages: [message] }))).toMatchObject([own]);
    expect(read(bodyOf("messages", { messages: [{ ...message, id: "wamid.A5" }] }))).toMatchObject([
      [{ type: action, idMessage: "wamid.A5" }],
    ]);
  });

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
  ])("of %s is in that chat", (_, fields, chatId, chatKind) => {
    const messages = [{ ...incoming, ...fields, type: "text" }];
    expect(read(bodyOf("messages", { messages }))).toMatchObject([[{ chatId, chatKind }]]);
  });

  it.each(["system", "request_welcome"])("of the type %s is not counted", (type) => {
    expect(read(bodyOf("messages", { messages: [{ ...incoming, type }] }))).toEqual([SIGNAL]);
  });

  it("is outgoing and from the phone if it is an echo", () => {
    const echo = { from: "15550002222", to: "15550001111", id: "wamid.A5", timestamp: "1790000006" };
    const [text, edit] = read(echoBody({ ...echo, type: "text" }, { ...echo, id: "wamid.A6", type: "edit" }));
    const base = { direction: "outgoing", origin: "phone", chatId: "15550001111@c.us" };
    expect([text, edit]).toMatchObject([[{ ...base, type: "text" }], [{ ...base, type: "edited" }]]);
  });
});

describe("a body of Meta", () => {
  it("may have several accounts, numbers and kinds", () => {
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
      "calls, whose statuses are not statuses of messages",
      "calls",
      { statuses: [{ id: "wacid.B1", status: "RINGING" }] },
      SIGNAL,
    ],
    ["history, which is not new traffic", "history", { messages: [{ id: "wamid.1", type: "text" }] }, SIGNAL],
    ["errors without a message", "messages", { errors: [{ code: 130429 }] }, SIGNAL],
    ["messages without any", "messages", { contacts: [] }, `invalid_shape of meta:${NUMBER}`],
    ["messages with an invalid list", "messages", { statuses: {} }, `invalid_shape of meta:${NUMBER}`],
    ["something new", "brand_new", { anything: [1] }, SIGNAL],
  ])("of %s counts no message", (_, field, value, expected) => {
    expect(read(bodyOf(field, value))).toEqual([expected]);
  });

  it("about a business account registers no instance", () => {
    expect(read(bodyOf("account_update", { event: "DISABLED_UPDATE" }, null))).toEqual(["nothing"]);
  });

  it.each([
    ["a list", [], "not_an_object without an instance"],
    ["nothing", null, "not_an_object without an instance"],
    ["a body of another product", { object: "instagram", entry: [{}] }, "no_type without an instance"],
    ["no entry", { object: "whatsapp_business_account" }, "invalid_shape without an instance"],
    ["no changes", { object: "whatsapp_business_account", entry: [{ id: "1" }] }, "invalid_shape without an instance"],
    [
      "no field",
      { object: "whatsapp_business_account", entry: [{ changes: [{ field: "" }] }] },
      "invalid_shape without an instance",
    ],
    [
      "no number",
      bodyOf("messages", { statuses: [{ id: "wamid.1", status: "sent" }] }, null),
      "no_instance without an instance",
    ],
    [
      "a number that is not numeric",
      bodyOf("messages", { statuses: [{ id: "wamid.1" }] }, "x y"),
      "no_instance without an instance",
    ],
  ])("that is %s is refused", (_, body, expected) => {
    expect(read(body)).toEqual([expected]);
  });

  it("keeps numeric ids that JSON.parse cannot represent", () => {
    const text = JSON.stringify(statusBody({ id: "wamid.1", status: "sent" })).replace(
      `"${NUMBER}"`,
      "18014398509481985",
    );
    expect(meta.split(meta.parse(text)).map(({ instance }) => instance)).toEqual(["meta:18014398509481985"]);
  });

  it("with more parts than the limit reports the rest", () => {
    const statuses = Array.from({ length: 10_001 }, (_, place) => ({ id: `wamid.${String(place)}`, status: "sent" }));
    const parts = meta.split(meta.parse(JSON.stringify(statusBody(...statuses))));
    expect(parts).toHaveLength(10_000);
    const last = parts.at(-1);
    expect(last && meta.toEvents(last, RECEIVED_AT)).toMatchObject({ kind: "rejected", reason: "invalid_shape" });
  });

  it("that is long is counted completely", () => {
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
