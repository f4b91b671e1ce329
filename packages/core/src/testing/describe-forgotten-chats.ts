import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { MessageEvent } from "../messages/message-event.ts";
import { anyHistory, messageHistory } from "./histories.ts";
import { applyTo, everything, type TestedStore } from "./store-probe.ts";

/** What forgetting a chat promises, as laws over generated histories. */
export function describeForgottenChats(
  name: string,
  store: () => TestedStore,
  freshInstance: () => string,
  numRuns: number,
): void {
  const chatsOf = (events: readonly object[]) =>
    events.flatMap((event) => {
      const { chatId } = event as Partial<MessageEvent>;
      return chatId === undefined ? [] : [chatId];
    });

  describe(name, () => {
    it("appear in no answer of the store, and every count but that of unique chats stays the same", async () => {
      const property = fc.asyncProperty(anyHistory, fc.nat(), async (events, pick) => {
        const instance = freshInstance();
        await applyTo(store(), instance, events);
        const before = await everything(store(), instance, events);
        const chats = before.messages.flatMap((record) => record?.chatId ?? []);
        const chatId = chats[pick % Math.max(1, chats.length)] ?? "79000000000@c.us";
        const found = await store().forgetChat(instance, chatId);
        const after = await everything(store(), instance, events);
        expect(found.messages).toBe(before.messages.filter((record) => record?.chatId === chatId).length);
        expect(JSON.stringify(after.messages)).not.toContain(`"${chatId}"`);
        expect({ ...after.summary, uniqueChats: 0 }).toEqual({ ...before.summary, uniqueChats: 0 });
        expect(after.times).toEqual(before.times);
        const left = new Set(after.messages.flatMap((record) => record?.chatId ?? []));
        for (const chat of chats) if (chat !== chatId) expect(left).toContain(chat);
        expect(await store().forgetChat(instance, chatId)).toEqual({ messages: 0, recipients: 0 });
      });
      await fc.assert(property, { numRuns });
    });

    it("do not come back when everything about their messages is reported again, and no count moves", async () => {
      const property = fc.asyncProperty(messageHistory, async (events) => {
        const instance = freshInstance();
        await applyTo(store(), instance, events);
        for (const chatId of new Set(chatsOf(events))) await store().forgetChat(instance, chatId);
        const before = await everything(store(), instance, events);
        await applyTo(store(), instance, events);
        const after = await everything(store(), instance, events);
        for (const chatId of after.messages.map((record) => record?.chatId)) expect(chatId ?? "@").toMatch(/^@/);
        const counted = ({ summary }: typeof after) =>
          [...(summary.counts ?? [])].filter(([counter]) => !counter.startsWith("outcomes")).sort();
        expect(counted(after)).toEqual(counted(before));
        expect(after.summary.uniqueChats).toEqual({ individual: 0, group: 0, channel: 0, status: 0, broadcast: 0 });
      });
      await fc.assert(property, { numRuns });
    });
  });
}
