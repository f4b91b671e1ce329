import { beforeAll, describe, expect, it } from "vitest";
import { messageListAnswer, type Message } from "../packages/schemas/src/index.ts";
import { expectRefusal } from "./support/refusals.ts";
import { failureOf, freshInstance, nowSeconds, observation, statusOf } from "./support/webhooks.ts";
import { sharedSystem } from "./shared-system.ts";
import type { System } from "./system.ts";

let system: System;
beforeAll(async () => {
  system = await sharedSystem();
});

async function page(instance: string, query: Readonly<Record<string, string>> = {}) {
  const { status, text } = await system.get(`/messages/${instance}?${new URLSearchParams(query).toString()}`);
  expect(`${status} ${text}`).toMatch(/^200 /);
  return messageListAnswer.parse(JSON.parse(text));
}

/** Every page of a list. @param between called after each page */
async function all(
  instance: string,
  query: Readonly<Record<string, string>> = {},
  between: () => Promise<void> = async () => Promise.resolve(),
): Promise<readonly Message[]> {
  const found: Message[] = [];
  let cursor: string | null = "";
  while (cursor !== null) {
    const { messages, nextCursor } = await page(instance, cursor === "" ? query : { ...query, cursor });
    found.push(...messages);
    cursor = nextCursor;
    await between();
  }
  return found;
}

const idsOf = (messages: readonly Message[]) => messages.map(({ idMessage }) => idMessage);

describe("a list of messages", () => {
  it("contains every message exactly once while others arrive and change", async () => {
    const instance = freshInstance();
    const ids = Array.from({ length: 250 }, (_, i) => `OLD${String(i)}`);
    await system.accept(...ids.map((id) => statusOf(instance, id, "sent")));
    await system.drained();
    let written = 0;
    const met = await all(instance, { limit: "20" }, async () => {
      const fresh = Array.from({ length: 5 }, () => statusOf(instance, `NEW${String(written++)}`, "sent"));
      const moved = ids.slice(written, written + 5).map((id) => statusOf(instance, id, "delivered"));
      await system.accept(...fresh, ...moved);
    });
    expect(written).toBeGreaterThan(50);
    expect(new Set(idsOf(met)).size).toBe(met.length);
    const untouched = ids.slice(written + 5);
    expect(idsOf(met)).toEqual(expect.arrayContaining(untouched));
    await system.drained();
    expect((await all(instance)).length).toBe(250 + written);
  });

  it("finds stuck messages: sent, and without an update for ten minutes", async () => {
    const instance = freshInstance();
    const ago = (minutes: number) => ({ timestamp: nowSeconds() - minutes * 60 });
    await system.acceptInOrder(
      statusOf(instance, "STUCK", "sent", ago(30)),
      statusOf(instance, "STUCK LONG", "sent", ago(3 * 24 * 60)),
      statusOf(instance, "ARRIVED", "sent", ago(40)),
      statusOf(instance, "ARRIVED", "delivered", ago(20)),
      statusOf(instance, "ON ITS WAY", "sent", ago(5)),
    );
    expect(idsOf(await all(instance, { status: "sent", olderThan: "10m" }))).toEqual(["STUCK LONG", "STUCK"]);
    expect(idsOf(await all(instance, { status: "sent", olderThan: "2h" }))).toEqual(["STUCK LONG"]);
    expect(idsOf(await all(instance, { status: "sent", olderThan: "2d" }))).toEqual(["STUCK LONG"]);
    expect(idsOf(await all(instance, { status: "sent", olderThan: "60" }))).toHaveLength(3);
    expect(idsOf(await all(instance, { status: "sent", olderThan: "4d" }))).toEqual([]);
    expect(idsOf(await all(instance, { status: "sent,delivered", olderThan: "15m" }))).toHaveLength(3);
  });

  it("filters by status, origin, direction and time, and shows each message as the call for one message does", async () => {
    const instance = freshInstance();
    const at = nowSeconds() - 50_000;
    await system.acceptInOrder(
      observation("incoming", instance, "IN", undefined, { timestamp: at }),
      statusOf(instance, "API", "read", { timestamp: at + 10 }),
      statusOf(instance, "PHONE", "sent", { timestamp: at + 20, sendByApi: false }),
      failureOf(instance, "FAILED", "Uploader Error", { timestamp: at + 30 }),
    );
    expect(idsOf(await all(instance))).toEqual(["FAILED", "PHONE", "API", "IN"]);
    expect(idsOf(await all(instance, { direction: "incoming" }))).toEqual(["IN"]);
    expect(idsOf(await all(instance, { direction: "outgoing", limit: "1" }))).toEqual(["FAILED", "PHONE", "API"]);
    expect(idsOf(await all(instance, { status: "failed, read" }))).toEqual(["FAILED", "API"]);
    expect(idsOf(await all(instance, { origin: "phone" }))).toEqual(["PHONE"]);
    expect(idsOf(await all(instance, { type: "text" }))).toEqual(["IN"]);
    expect(idsOf(await all(instance, { type: "unknown" }))).toEqual(["FAILED", "PHONE", "API"]);
    expect(idsOf(await all(instance, { reason: "uploader_error" }))).toEqual(["FAILED"]);
    expect(idsOf(await all(instance, { reason: "timed_out" }))).toEqual([]);
    const [from, to] = [at + 10, at + 30].map((time) => new Date(time * 1000).toISOString());
    expect(idsOf(await all(instance, { from: from ?? "", to: to ?? "" }))).toEqual(["PHONE", "API"]);
    for (const message of await all(instance))
      expect(message).toEqual(await system.message(instance, message.idMessage));
  });

  it("shows the status of a message for each of several recipients", async () => {
    const instance = freshInstance();
    const at = nowSeconds() - 100;
    await system.acceptInOrder(
      observation("api", instance, "STORY", undefined, { timestamp: at, senderData: { chatId: "status@broadcast" } }),
      statusOf(instance, "STORY", "read", { timestamp: at + 2, chatId: "79000000001@c.us" }),
      statusOf(instance, "STORY", "sent", { timestamp: at + 1, chatId: "79000000002@c.us" }),
    );
    const time = (seconds: number) => new Date((at + seconds) * 1000).toISOString();
    expect(await system.message(instance, "STORY")).toMatchObject({
      status: "read",
      recipients: [
        { chatId: "79000000001@c.us", status: "read", at: time(2) },
        { chatId: "79000000002@c.us", status: "sent", at: time(1) },
      ],
    });
  });

  it.each([
    ["status=lost", /`status` must be one or several of pending, yellowCard, sent, .*noActiveSession/],
    ["status=", /`status` must be one or several of/],
    ["olderThan=soon", /`olderThan` must be a duration, such as 30s, 10m, 2h or 3d/],
    ["olderThan=10%20minutes", /such as/],
    ["origin=me", /`origin` must be one of/],
    ["direction=up", /`direction` must be one of incoming, outgoing/],
    ["direction=incoming&status=sent", /outgoing messages/],
    ["direction=incoming&reason=other", /outgoing messages/],
    ["type=letter", /`type` must be one of/],
    ["reason=bad_luck", /`reason` must be one of/],
    ["limit=0", /`limit` must be at least 1/],
    ["limit=1001", /`limit` must be at most 1000/],
    ["limit=x", /`limit`/],
    ["cursor=x'; DROP", /cursor .* leave it out/],
    ["cursor=", /cursor/],
    ["from=2025-10-02&to=2025-10-01", /`from` must be before `to`/],
    ["to=soon", /`to` must be a date/],
    ["state=sent", /`state` is not a known query parameter/],
  ])("refuses ?%s and says what to do", async (query, message) => {
    const instance = freshInstance();
    await system.acceptInOrder(statusOf(instance, "M", "sent"));
    const answer = await system.get(`/messages/${instance}?${query}`);
    expectRefusal(answer, 400);
    expect(answer.text).toMatch(message);
  });
});
