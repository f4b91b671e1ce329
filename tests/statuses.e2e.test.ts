import { beforeAll, describe, expect, it } from "vitest";
import { sharedSystem } from "./shared-system.ts";
import type { System } from "./system.ts";
import { failureOf, freshInstance, nowSeconds, observation, signal, statusOf } from "./support/webhooks.ts";

let system: System;
beforeAll(async () => {
  system = await sharedSystem();
});

/** The state of one outgoing message after webhooks that were counted in this order. */
async function outcomeOf(...webhooks: readonly ((instance: string) => object)[]) {
  const instance = freshInstance();
  await system.acceptInOrder(...webhooks.map((webhook) => webhook(instance)));
  const samples = await system.prometheus();
  const outcome = (word: string) =>
    samples.value("ticktally_status_events_total", { wa_instance: instance, outcome: word });
  return { instance, metrics: await system.metrics(instance), message: await system.message(instance, "M"), outcome };
}

const status =
  (word: string, more: object = {}) =>
  (instance: string) =>
    statusOf(instance, "M", word, more);
const failure = (text: string) => (instance: string) => failureOf(instance, "M", text);
const observed = (instance: string) => observation("api", instance, "M");

describe("the statuses of a message", () => {
  it("a status alone creates a message of unknown type; its later observation sets the type", async () => {
    const { instance, metrics } = await outcomeOf(status("sent"));
    expect(metrics).toMatchObject({ messagesByType: { unknown: 1, text: 0 }, messagesByStatus: { sent: 1 } });
    const before = await system.prometheus();
    expect(before.value("ticktally_messages_unattributed", { wa_instance: instance, kind: "type" })).toBe(1);
    await system.accept(observation("api", instance, "M"));
    expect(await system.counted(instance)).toMatchObject({
      totalMessages: 1,
      messagesByType: { unknown: 0, text: 1 },
      messagesByStatus: { sent: 1, pending: 0 },
    });
    const after = await system.prometheus();
    expect(after.value("ticktally_messages_unattributed", { wa_instance: instance, kind: "type" })).toBe(0);
  });

  it("a payload of 2021, without chatId and sendByApi, is counted; a later webhook sets its origin", async () => {
    const old = { chatId: undefined, sendByApi: undefined };
    const { instance, metrics } = await outcomeOf(status("delivered", old));
    expect(metrics).toMatchObject({
      messagesSent: 1,
      messagesSentByApi: 0,
      messagesByChatKind: { unknown: 1 },
      reached: { unknown: { sent: 1, delivered: 1 }, api: { sent: 0 }, phone: { sent: 0 } },
      uniqueChats: 0,
    });
    const before = await system.prometheus();
    expect(before.value("ticktally_messages_unattributed", { wa_instance: instance, kind: "origin" })).toBe(1);
    expect(before.sum("ticktally_messages_total", { wa_instance: instance })).toBe(0);
    expect(before.sum("ticktally_message_status_reached_total", { wa_instance: instance })).toBe(0);
    await system.accept(observation("phone", instance, "M"));
    expect(await system.counted(instance)).toMatchObject({
      messagesByChatKind: { unknown: 0, individual: 1 },
      reached: { unknown: { delivered: 0 }, phone: { sent: 1, delivered: 1 } },
    });
    const after = await system.prometheus();
    const phone = { wa_instance: instance, direction: "outgoing", origin: "phone" };
    expect(after.value("ticktally_messages_total", phone)).toBe(1);
    expect(after.value("ticktally_messages_unattributed", { wa_instance: instance, kind: "origin" })).toBe(0);
  });

  it("statuses in reverse order, before their observation and repeated, give the same result as in order", async () => {
    const at = nowSeconds() - 60;
    const steps = [
      status("sent", { timestamp: at }),
      status("delivered", { timestamp: at + 3 }),
      status("read", { timestamp: at + 9 }),
    ];
    const inOrder = await outcomeOf(observed, ...steps);
    const reversed = await outcomeOf(...steps.toReversed(), observed, ...steps);
    expect(reversed.message?.timeline.map(({ receivedAt: _, ...entry }) => entry)).toEqual(
      inOrder.message?.timeline.map(({ receivedAt: _, ...entry }) => entry),
    );
    for (const { metrics } of [inOrder, reversed]) {
      expect(metrics).toMatchObject({
        totalMessages: 1,
        messagesByStatus: { read: 1, delivered: 0, sent: 0, pending: 0 },
        reached: { api: { sent: 1, delivered: 1, read: 1 } },
        contradictions: 0,
      });
    }
    expect(["created", "advanced", "late", "duplicate"].map(inOrder.outcome)).toEqual([0, 3, 0, 0]);
    expect(["created", "advanced", "late", "duplicate"].map(reversed.outcome)).toEqual([1, 0, 2, 3]);
  });

  it("two failure texts of one upload count once; in the same second with the first reason in the list", async () => {
    const { metrics, message, outcome } = await outcomeOf(
      observed,
      failure("upload request was failed with bad status code 404"),
      failure("request was failed with bad status code 404"),
    );
    expect(metrics).toMatchObject({
      messagesByStatus: { failed: 1 },
      reached: { api: { failed: 1 } },
      failuresByReason: { upload_failed: 0, download_failed: 1 },
    });
    expect(message).toMatchObject({ reason: "download_failed", timeline: [{ status: "failed" }] });
    expect([outcome("advanced"), outcome("duplicate")]).toEqual([1, 1]);
  });

  it("sent after failed leaves it failed, and counts as reached", async () => {
    const { metrics, message, outcome } = await outcomeOf(failure("Error: Timed Out"), status("sent"));
    expect(metrics).toMatchObject({
      messagesByStatus: { failed: 1, sent: 0 },
      reached: { api: { failed: 1, sent: 1, delivered: 0 } },
      contradictions: 0,
    });
    expect(message).toMatchObject({ status: "failed", contradicted: false });
    expect(outcome("late")).toBe(1);
  });

  it("delivered after failed is a contradiction: it stays failed and is flagged", async () => {
    const { metrics, message, outcome } = await outcomeOf(observed, failure("Uploader Error"), status("delivered"));
    expect(metrics).toMatchObject({
      messagesByStatus: { failed: 1, delivered: 0 },
      reached: { api: { failed: 1, delivered: 0 } },
      contradictions: 1,
    });
    expect(message).toMatchObject({ status: "failed", reason: "uploader_error", contradicted: true });
    expect(outcome("contradiction")).toBe(1);
  });

  it("failed after delivered is a contradiction: it stays delivered and is flagged once, even with repeats", async () => {
    const { metrics, message, outcome } = await outcomeOf(
      status("delivered", { timestamp: nowSeconds() - 60 }),
      failure("Uploader Error"),
      failure("Error: Timed Out"),
    );
    expect(metrics).toMatchObject({
      messagesByStatus: { delivered: 1, failed: 0 },
      reached: { api: { sent: 1, delivered: 1, failed: 0 } },
      failuresByReason: { uploader_error: 0, timed_out: 0 },
      contradictions: 1,
    });
    expect(message).toMatchObject({ status: "delivered", contradicted: true });
    expect(outcome("contradiction")).toBe(2);
  });

  it("yellowCard is not final: the message may still be sent", async () => {
    const parked = await outcomeOf(observed, status("yellowCard"));
    expect(parked.metrics).toMatchObject({ messagesByStatus: { yellowCard: 1 }, reached: { api: { sent: 0 } } });
    await system.accept(statusOf(parked.instance, "M", "sent"));
    expect(await system.counted(parked.instance)).toMatchObject({
      messagesByStatus: { yellowCard: 0, sent: 1 },
      reached: { api: { sent: 1 } },
    });
  });

  it.each([
    ["fail", "failed"],
    ["noActiveSession", "noActiveSession"],
    ["pending", "pending"],
    ["played", "played"],
  ])("the status %s is read as %s", async (word, meaning) => {
    const { metrics, message } = await outcomeOf(status(word));
    expect(metrics.messagesByStatus).toMatchObject({ [meaning]: 1 });
    expect(message?.status).toBe(meaning);
  });

  it("a message to oneself is counted as one sent and one received", async () => {
    const { metrics } = await outcomeOf(observed, (instance) => observation("incoming", instance, "M"), status("read"));
    expect(metrics).toMatchObject({ messagesSent: 1, messagesReceived: 1, messagesByStatus: { read: 1 } });
  });
});

describe("webhooks that are not messages", () => {
  const accepted = async (type: string) =>
    (await system.prometheus("ingest")).sum("ticktally_webhooks_received_total", { outcome: "accepted", type });
  const quarantined = async () => (await system.prometheus()).value("ticktally_quarantine_size");

  it("stateInstanceChanged sets the state of the instance, and the newest one is used", async () => {
    const instance = freshInstance();
    const at = nowSeconds();
    const state = (word: string, timestamp: number) =>
      signal(instance, "stateInstanceChanged", { stateInstance: word, timestamp });
    await system.acceptInOrder(state("starting", at - 20), state("authorized", at), state("blocked", at - 10));
    const samples = await system.prometheus();
    const states = samples.all("ticktally_instance_state", { wa_instance: instance });
    const current = states.filter(({ value }) => value === 1).map(({ labels }) => labels["state"]);
    expect(current).toEqual(["authorized"]);
    expect(states.map(({ labels }) => labels["state"])).toEqual(expect.arrayContaining(["notAuthorized", "blocked"]));
    const lastWebhookAt = samples.value("ticktally_instance_last_webhook_timestamp_seconds", { wa_instance: instance });
    expect(lastWebhookAt).toBeGreaterThanOrEqual(at);
    expect((await system.metrics(instance)).totalMessages).toBe(0);
  });

  it.each(["incomingMessageState", "constructor", "__proto__", "toString"])(
    "an unknown type (%s) is accepted, and only counted by ingest as other",
    async (type) => {
      const instance = freshInstance();
      const [before, quarantinedBefore] = [await accepted("other"), await quarantined()];
      await system.accept(signal(instance, type, { idMessage: "X" }), { typeWebhook: type });
      expect((await system.counted(instance)).totalMessages).toBe(0);
      expect(await accepted("other")).toBe(before + 2);
      expect(await quarantined()).toBe(quarantinedBefore);
    },
  );

  const signals = ["deviceInfo", "incomingCall", "outgoingCall", "incomingBlock", "quotaExceeded"];
  it.each([...signals, "statusInstanceChanged", "incomingMessageStatus"])(
    "%s is accepted and counted by its type",
    async (type) => {
      const instance = freshInstance();
      const [before, quarantinedBefore] = [await accepted(type), await quarantined()];
      await system.accept(signal(instance, type, { idMessage: "X", status: "offer", timestamp: undefined }));
      expect((await system.counted(instance)).totalMessages).toBe(0);
      expect(await accepted(type)).toBe(before + 1);
      expect(await quarantined()).toBe(quarantinedBefore);
    },
  );

  it("a status without a value is accepted, and neither counted nor quarantined", async () => {
    const instance = freshInstance();
    await system.accept(statusOf(instance, "GOOD", "sent"));
    await system.drained();
    const before = await quarantined();
    await system.accept(statusOf(instance, "M", "sent", { status: "" }));
    expect((await system.counted(instance)).totalMessages).toBe(1);
    expect(await quarantined()).toBe(before);
  });

  it.each<[string, object]>([
    ["an unknown status word", { status: "teleported" }],
    ["no status", { status: undefined }],
    ["a status of the wrong type", { status: 7 }],
    ["no idMessage", { idMessage: undefined }],
    ["an empty idMessage", { idMessage: "" }],
    ["an idMessage of the wrong type", { idMessage: { id: 1 } }],
    ["a timestamp of the wrong type", { timestamp: "yesterday" }],
    ["a negative timestamp", { timestamp: -1 }],
    ["a chatId of the wrong type", { chatId: { id: 79001234567 } }],
    ["a sendByApi of the wrong type", { sendByApi: "yes" }],
    ["no instanceData", { instanceData: undefined }],
    ["an idInstance of the wrong type", { instanceData: { idInstance: 1.5 } }],
    ["no typeWebhook", { typeWebhook: undefined }],
    ["a typeWebhook of the wrong type", { typeWebhook: 5 }],
  ])("a status with %s is accepted and quarantined, and not counted", async (_, more) => {
    const instance = freshInstance();
    await system.accept(statusOf(instance, "GOOD", "sent"));
    await system.drained();
    const before = await quarantined();
    await system.accept(statusOf(instance, "M", "sent", more), statusOf(instance, "ALSO", "sent"));
    expect((await system.counted(instance)).totalMessages).toBe(2);
    expect(await quarantined()).toBe(before + 1);
  });
});

describe("an action with statuses (an edit has its own id)", () => {
  it.each([
    ["before", false],
    ["after", true],
  ])("adds no chat and no latency if its status arrives %s it", async (_, isObservedFirst) => {
    const instance = freshInstance();
    const edit = observation("api", instance, "EDIT", { typeMessage: "editedMessage", editedMessageData: {} });
    const sent = statusOf(instance, "EDIT", "sent");
    await system.acceptInOrder(...(isObservedFirst ? [edit, sent] : [sent, edit]));
    expect(await system.metrics(instance)).toMatchObject({
      totalMessages: 0,
      actions: { edited: 1 },
      uniqueChats: 0,
      firstMessageAt: null,
      messagesLast7Days: 0,
    });
  });
});
