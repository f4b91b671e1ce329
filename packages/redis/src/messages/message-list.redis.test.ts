import type { InstanceEvent } from "@ticktally/core";
import { applyTo, HISTORY_START } from "@ticktally/core/testing";
import { afterAll, expect, it } from "vitest";
import { testConnection, testKeys, testStore } from "../testing.ts";

const redis = testConnection("worker");
const store = testStore(redis, { keys: testKeys(), retentionDays: 30 });

afterAll(() => {
  redis.disconnect();
});

/** Messages with a thousand recipients with long ids each. */
const MESSAGES = 8;

function delivered(message: number, recipient: number): InstanceEvent {
  const chatId = `${"x".repeat(100)}${String(recipient)}@c.us`;
  const time = { at: HISTORY_START, receivedAt: HISTORY_START };
  return { kind: "status", idMessage: `M${String(message)}`, chatId, origin: "api", status: "delivered", ...time };
}

it("ends a page early if it would have too many recipients, and continues on the next page", async () => {
  const group = (message: number): InstanceEvent => ({
    kind: "observation",
    direction: "outgoing",
    idMessage: `M${String(message)}`,
    chatId: "120363000000000000@g.us",
    chatKind: "group",
    origin: "api",
    type: "text",
    at: HISTORY_START,
    receivedAt: HISTORY_START,
  });
  for (let message = 0; message < MESSAGES; message++) {
    const recipients = Array.from({ length: 1000 }, (_, recipient) => delivered(message, recipient));
    await applyTo(store, "1", [group(message), ...recipients]);
  }
  const found: string[] = [];
  let [cursor, pages]: [string | undefined, number] = [undefined, 0];
  do {
    const page = await store.list("1", { filter: {}, limit: 100, ...(cursor === undefined ? {} : { cursor }) });
    const recipients = page.messages.reduce((sum, record) => sum + (record.recipients?.size ?? 0), 0);
    expect(recipients).toBeLessThanOrEqual(6_000);
    found.push(...page.messages.map(({ idMessage }) => idMessage));
    cursor = page.nextCursor;
    pages += 1;
  } while (cursor !== undefined);
  expect(found.toSorted()).toEqual(Array.from({ length: MESSAGES }, (_, message) => `M${String(message)}`));
  expect(pages).toBeGreaterThan(1);
});
