import type { MessageEvent } from "@ticktally/core";
import { MemoryMessageStore } from "@ticktally/core/testing";
import { errorAnswer, messageAnswer } from "@ticktally/schemas";
import { createLogger } from "@ticktally/telemetry";
import express from "express";
import type { AddressInfo } from "node:net";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { errorHandler } from "../http/api-error.ts";
import { messageRoutes } from "./messages.ts";

const [FIRST, SECOND] = ["5000000001", "5000000002"] as const;
const store = new MemoryMessageStore();
const app = express().use(
  messageRoutes({
    messages: store,
    labels: { labelNumbers: async () => Promise.resolve(new Map()) },
    authoriser: {
      caller: async () => Promise.resolve({ kind: "account" }),
      instances: async () => Promise.resolve([{ id: "4100000001", name: "telegram" }]),
    },
  }),
  errorHandler(createLogger("test", "silent")),
);
let server: ReturnType<typeof app.listen>;
beforeAll(async () => {
  const sent = (chatId: string, idMessage: string): MessageEvent => ({
    kind: "status",
    status: "sent",
    idMessage,
    chatId,
    chatKind: "individual",
    chatScoped: true,
    origin: "api",
    at: 1_790_000_000,
    receivedAt: 1_790_000_001,
  });
  await store.apply([{ instance: "4100000001", events: [sent(FIRST, "5"), sent(SECOND, "5"), sent(FIRST, "6")] }]);
  server = await new Promise((resolve) => {
    const listening = app.listen(0, "127.0.0.1", () => resolve(listening));
  });
});
afterAll(() => server.close());

async function get(path: string): Promise<{ readonly status: number; readonly body: unknown }> {
  const { port } = server.address() as AddressInfo;
  const answer = await fetch(`http://127.0.0.1:${String(port)}/messages/telegram/${path}`);
  return { status: answer.status, body: await answer.json() };
}

describe("GET /messages/:instance/:idMessage", () => {
  it("shows the message if only one chat has the id, with the gateway's id", async () => {
    const { status, body } = await get("6");
    expect(status).toBe(200);
    expect(messageAnswer.parse(body).message).toMatchObject({ idMessage: "6", chatId: FIRST, status: "sent" });
  });

  it("409 names the chats if several have the id, and each can be selected by its chat", async () => {
    const { status, body } = await get("5");
    expect(status).toBe(409);
    expect(errorAnswer.parse(body).error).toMatchObject({ code: "conflict", chats: [FIRST, SECOND] });
    const { message } = messageAnswer.parse((await get(`5?chatId=${SECOND}`)).body);
    expect(message).toMatchObject({ idMessage: "5", chatId: SECOND });
  });

  it.each([
    ["an id that no message has", "7", 404],
    ["a chat that has no message of this id", "6?chatId=5000000002", 404],
    ["an empty chat", "5?chatId=", 400],
    ["two chats", "5?chatId=1&chatId=2", 400],
  ])("refuses %s", async (_, path, status) => {
    expect((await get(path)).status).toBe(status);
  });
});
