import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { messageOf } from "../messages/message.ts";
import type { MessageEvent } from "../messages/message-event.ts";
import { directionOf } from "../messages/message-record.ts";
import { HISTORY_START, messageHistory } from "./histories.ts";
import { applyTo, everything, sentAndDelivered, type TestedStore } from "./store-probe.ts";

/** The promises for gateways whose ids are unique only within a chat. */
export function describeChatScopedIds(
  name: string,
  store: () => TestedStore,
  freshInstance: () => string,
  numRuns: number,
): void {
  const CHATS = ["5000000001", "5000000002", "-1000000003"] as const;
  const inChat = (event: MessageEvent, chatId: string): MessageEvent => ({
    ...event,
    chatId,
    chatKind: chatId.startsWith("-") ? "group" : "individual",
    chatScoped: true,
  });
  const [sent, delivered] = sentAndDelivered(undefined, "5");
  const read = async (instance: string, chatId?: string) =>
    (await store().messagesOf(instance, "5", "outgoing", chatId)).map(messageOf);
  const chatsOf = (messages: Awaited<ReturnType<typeof read>>) => messages.map(({ chatId }) => chatId).sort();

  describe(name, () => {
    it("make one message per chat, each found by its chat, all found without one", async () => {
      const instance = freshInstance();
      await applyTo(
        store(),
        instance,
        CHATS.map((chat) => inChat(sent, chat)),
      );
      await applyTo(store(), instance, [inChat(delivered, CHATS[1])]);
      expect(chatsOf(await read(instance))).toEqual([...CHATS].sort());
      expect(await read(instance, CHATS[0])).toMatchObject([{ idMessage: "5", chatId: CHATS[0], status: "sent" }]);
      expect(await read(instance, CHATS[1])).toMatchObject([{ idMessage: "5", chatId: CHATS[1], status: "delivered" }]);
      expect(await read(instance, "5000000009")).toEqual([]);
      const { messages } = await store().list(instance, { filter: {}, limit: 10 });
      expect(messages.map(({ idMessage }) => idMessage)).toEqual(["5", "5", "5"]);
    });

    it("count like messages with ids of their own, whatever is reported in any order", async () => {
      const history = fc
        .tuple(
          messageHistory,
          fc.array(fc.tuple(fc.constantFrom("5", "6"), fc.constantFrom(...CHATS)), { minLength: 1, maxLength: 40 }),
        )
        .map(([events, keys]) =>
          events.map((event, i) => {
            const [id, chat] = keys[i % keys.length] ?? ["5", CHATS[0]];
            return inChat({ ...event, idMessage: id }, chat);
          }),
        );
      const property = fc.asyncProperty(history, fc.integer({ min: 1, max: 9 }), async (events, size) => {
        const [scoped, named] = [freshInstance(), freshInstance()];
        const renamed = events.map((event): MessageEvent => {
          return { ...event, idMessage: `${event.idMessage} in ${event.chatId ?? ""}`, chatScoped: undefined };
        });
        for (let from = 0; from < events.length; from += size) {
          const outcomes = await applyTo(store(), scoped, events.slice(from, from + size));
          expect(outcomes).toEqual(await applyTo(store(), named, renamed.slice(from, from + size)));
        }
        const [one, other] = [await everything(store(), scoped, events), await everything(store(), named, renamed)];
        expect({ ...one.summary, times: one.times }).toEqual({ ...other.summary, times: other.times });
        for (const event of events) {
          const renamedId = `${event.idMessage} in ${event.chatId ?? ""}`;
          const [message] = await store().messagesOf(scoped, event.idMessage, directionOf(event), event.chatId);
          const own = await store().message(named, renamedId, directionOf(event));
          expect(message && { ...messageOf(message), idMessage: "" }).toEqual(
            own && { ...messageOf(own), idMessage: "" },
          );
        }
      });
      await fc.assert(property, { numRuns });
    });

    it("continue a message that was stored before its chat was part of its key, and count none twice", async () => {
      const instance = freshInstance();
      const before = { ...inChat(sent, CHATS[0]), chatScoped: undefined };
      await applyTo(store(), instance, [before]);
      await applyTo(store(), instance, [inChat(sent, CHATS[0]), inChat(delivered, CHATS[0]), inChat(sent, CHATS[1])]);
      expect(await read(instance, CHATS[0])).toMatchObject([{ status: "delivered" }]);
      expect(chatsOf(await read(instance))).toEqual([CHATS[0], CHATS[1]]);
      const [summary] = await store().summaries([instance], HISTORY_START * 1000);
      expect(summary?.counts.get("messages/outgoing/api")).toBe(2);
    });

    it("stay forgotten with their chat, and the messages of other chats stay as they are", async () => {
      const instance = freshInstance();
      await applyTo(
        store(),
        instance,
        CHATS.map((chat) => inChat(sent, chat)),
      );
      expect(await store().forgetChat(instance, CHATS[0])).toEqual({ messages: 1, recipients: 0 });
      await applyTo(store(), instance, [inChat(delivered, CHATS[0]), inChat(delivered, CHATS[1])]);
      expect(chatsOf(await read(instance)).filter((chat) => chat?.startsWith("@") !== true)).toEqual([
        CHATS[2],
        CHATS[1],
      ]);
      const [summary] = await store().summaries([instance], HISTORY_START * 1000);
      expect(summary?.counts.get("messages/outgoing/api")).toBe(3);
      expect(summary?.counts.get("status/delivered")).toBe(2);
    });
  });
}
