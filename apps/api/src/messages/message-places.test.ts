import { once } from "node:events";
import type { AddressInfo } from "node:net";
import { setImmediate as turn } from "node:timers/promises";
import type { MessageEvent, RegisteredInstance } from "@ticktally/core";
import { MemoryMessageStore } from "@ticktally/core/testing";
import { Pseudonyms } from "@ticktally/gateways";
import { messagePlacesAnswer } from "@ticktally/schemas";
import { createLogger } from "@ticktally/telemetry";
import express from "express";
import { afterAll, beforeAll, expect, it, vi } from "vitest";
import { errorHandler } from "../http/api-error.ts";
import { keptId } from "./kept-id.ts";
import { messagePlacesRoutes } from "./message-places.ts";

const META = "meta:100000000000001";
const INSTANCES: readonly RegisteredInstance[] = [
  { id: "1101000001", name: "sales" },
  { id: META, name: "cloud" },
];
const ID = "wamid.HBgLMTU1NTAwMDExMTEVAgARGBI=";

const pseudonyms = new Pseudonyms("a key of thirty-two characters, or more");
const store = new MemoryMessageStore();
/** Slices that were read of a registry that does not end. */
let slices = 0;
let isEndless = false;

const app = express().use(
  messagePlacesRoutes({
    messages: store,
    registry: {
      async *slices() {
        for (slices = 0; isEndless || slices === 0; slices++) {
          await turn();
          yield INSTANCES;
        }
      },
    },
    authoriser: { reader: async () => Promise.resolve("account") },
    pseudonyms,
  }),
  errorHandler(createLogger("test", "silent")),
);
let server: ReturnType<typeof app.listen>;
beforeAll(async () => {
  const sent = (idMessage: string): MessageEvent => {
    const time = { at: 1_790_000_000, receivedAt: 1_790_000_001 };
    return { kind: "status", status: "sent", idMessage, origin: "api", ...time };
  };
  await store.apply([
    { instance: META, events: [sent(keptId(META, ID, pseudonyms))] },
    { instance: "1101000001", events: [sent("3EB0")] },
  ]);
  server = app.listen(0, "127.0.0.1");
  await once(server, "listening");
});
afterAll(() => server.close());

async function get(idMessage: string, signal?: AbortSignal): Promise<Response> {
  const { port } = server.address() as AddressInfo;
  const url = `http://127.0.0.1:${String(port)}/messages/all/${encodeURIComponent(idMessage)}`;
  return fetch(url, signal === undefined ? {} : { signal });
}

it.each([
  { id: ID, of: META },
  { id: "3EB0", of: "1101000001" },
])("finds $id by the gateway's id although chats have pseudonyms", async ({ id, of }) => {
  const { messages } = messagePlacesAnswer.parse(await (await get(id)).json());
  expect(messages.map(({ idInstance }) => idInstance)).toEqual([of]);
});

it("stops when the client disconnects", async () => {
  isEndless = true;
  const abort = new AbortController();
  const answer = get("unknown", abort.signal).catch(() => undefined);
  await vi.waitUntil(() => slices > 2);
  abort.abort();
  await answer;
  let before: number;
  await vi.waitUntil(async () => {
    before = slices;
    for (let i = 0; i < 5; i++) await turn();
    return slices === before;
  });
  isEndless = false;
});
