import { beforeAll, describe, expect, it } from "vitest";
import seeds from "./fixtures/seed-webhooks.json" with { type: "json" };
import { sharedSystem } from "./shared-system.ts";
import type { System } from "./system.ts";
import { freshInstance } from "./support/webhooks.ts";

let system: System;
beforeAll(async () => {
  system = await sharedSystem();
});

const [observed, delivered, ...noMore] = seeds.seed000;
if (observed === undefined || delivered === undefined || noMore.length > 0)
  throw new Error("the first of the seeds has two webhooks");

const ID = "3EB0608D6A2901063D63";

interface SeedStatus {
  readonly status: string;
  readonly description?: string;
  readonly timestamp: number;
  readonly chatId: string;
}

/** A status webhook of the seeds with a new instance. */
function alone(webhook: SeedStatus): { instance: string; webhook: object } {
  const instance = freshInstance();
  return { instance, webhook: { ...webhook, instanceData: { idInstance: Number(instance) } } };
}

function iso(seconds: number): string {
  return new Date(seconds * 1000).toISOString();
}

describe("each single webhook of the seeds", () => {
  it("outgoingAPIMessageReceived creates a pending message sent through the API", async () => {
    const instance = freshInstance();
    await system.accept({ ...observed, instanceData: { idInstance: Number(instance) } });
    expect(await system.counted(instance)).toMatchObject({
      totalMessages: 1,
      messagesSent: 1,
      messagesSentByApi: 1,
      messagesReceived: 0,
      individualMessages: 1,
      messagesByType: { text: 1, unknown: 0 },
      messagesByStatus: { pending: 1, sent: 0 },
      reached: { api: { sent: 0 } },
      uniqueChats: 1,
      uniqueContacts: 1,
      firstMessageAt: iso(1727698517),
      lastMessageAt: iso(1727698517),
      messagesLast30Days: 0,
    });
    expect(await system.message(instance, ID)).toEqual({
      idMessage: ID,
      chatId: "79001234567@c.us",
      direction: "outgoing",
      origin: "api",
      type: "text",
      status: "pending",
      labels: [],
      contradicted: false,
      observedAt: iso(1727698517),
      timeline: [],
    });
    const samples = await system.prometheus();
    const ours = { wa_instance: instance };
    expect(samples.value("ticktally_messages_total", { ...ours, direction: "outgoing", origin: "api" })).toBe(1);
    expect(samples.value("ticktally_messages_by_type_total", { ...ours, direction: "outgoing", type: "text" })).toBe(1);
    expect(samples.value("ticktally_messages_in_status", { ...ours, status: "pending" })).toBe(1);
    expect(samples.sum("ticktally_status_events_total", ours)).toBe(0);
  });

  // Earlier statuses of the documented path count as reached, even without webhooks.
  const reachedBy: Readonly<Record<string, readonly string[]>> = {
    sent: ["sent"],
    delivered: ["sent", "delivered"],
    read: ["sent", "delivered", "read"],
  };
  const progress = [delivered, ...seeds.seed001].flatMap(({ status, chatId, ...webhook }) =>
    status !== undefined && chatId !== undefined && status in reachedBy ? [{ ...webhook, status, chatId }] : [],
  );
  it.each(progress)("$status counts every earlier status as reached", async (seed) => {
    const { instance, webhook } = alone(seed);
    await system.accept(webhook);
    const { reached, ...metrics } = await system.counted(instance);
    expect(metrics).toMatchObject({
      totalMessages: 1,
      messagesSentByApi: 1,
      messagesByType: { unknown: 1 },
      messagesByStatus: { [seed.status]: 1 },
      contradictions: 0,
    });
    const samples = await system.prometheus();
    for (const status of ["sent", "delivered", "read", "failed"]) {
      const count = reachedBy[seed.status]?.includes(status) ? 1 : 0;
      expect(reached.api).toMatchObject({ [status]: count });
      const labels = { wa_instance: instance, status, origin: "api" };
      expect(samples.value("ticktally_message_status_reached_total", labels)).toBe(count);
    }
    expect(await system.message(instance, ID)).toMatchObject({
      chatId: seed.chatId,
      origin: "api",
      type: "unknown",
      status: seed.status,
      observedAt: null,
      timeline: [{ status: seed.status, at: iso(seed.timestamp) }],
    });
  });

  const reasons: Readonly<Record<string, string>> = {
    "file should not be empty. URL: ...": "file_empty",
    "upload request was failed with bad status code ([45][0-9]{2})...": "upload_failed",
    "request was failed with bad status code ([45][0-9]{2})...": "download_failed",
    "file size should not exceed 100 megabytes. URL: ...": "file_too_large",
    "Uploader Error": "uploader_error",
    "failed to send message with file": "send_file_failed",
    "Error: Timed Out": "timed_out",
    "Error: Connection Closed": "connection_closed",
    "SWE004: the number of participants in the group has been exceeded - 706": "group_too_large",
    "15 minute editing time gap has been expired": "edit_window_expired",
    noAccount: "no_account",
    notInGroup: "not_in_group",
  };
  const failures = seeds.seed001.flatMap((seed) => {
    const { status, description } = seed;
    const reason = reasons[description ?? status];
    return reason === undefined ? [] : [{ ...seed, reason, text: description ?? status }];
  });

  it("the seeds have ten texts of failed, noAccount and notInGroup", () => {
    expect(failures).toHaveLength(12);
  });

  it.each(failures)(
    "$status with “$text” ends the message for the reason $reason",
    async ({ reason, text: _, ...seed }) => {
      const { instance, webhook } = alone(seed);
      await system.accept(webhook);
      expect(await system.counted(instance)).toMatchObject({
        totalMessages: 1,
        messagesByStatus: { [seed.status]: 1, sent: 0, pending: 0 },
        reached: { api: { [seed.status]: 1, sent: 0 } },
        failuresByReason: { [reason]: 1 },
        groupMessages: seed.chatId.endsWith("@g.us") ? 1 : 0,
        contradictions: 0,
      });
      expect(await system.message(instance, seed.idMessage)).toMatchObject({
        status: seed.status,
        reason,
        ...(seed.description === undefined ? {} : { description: seed.description }),
        timeline: [{ status: seed.status, at: iso(seed.timestamp) }],
      });
      const samples = await system.prometheus();
      const labels = { wa_instance: instance, status: seed.status, reason };
      expect(samples.value("ticktally_message_failures_total", labels)).toBe(1);
      expect(samples.sum("ticktally_message_failures_total", { wa_instance: instance })).toBe(1);
    },
  );
});

describe("the webhooks of the seeds, unchanged and in order", () => {
  beforeAll(async () => system.acceptInOrder(...seeds.seed000, ...seeds.seed001));

  it("the first two are one message, sent through the API and delivered", async () => {
    const { messagesByStatus, reached, totalMessages, messagesByType } = await system.metrics("1101111111");
    expect(totalMessages).toBe(1);
    expect(messagesByStatus).toMatchObject({ delivered: 1, pending: 0 });
    expect(messagesByType).toMatchObject({ text: 1, unknown: 0 });
    expect(reached.api).toMatchObject({ sent: 1, delivered: 1, read: 0 });
    expect(await system.message("1101111111", ID)).toMatchObject({ status: "delivered", type: "text", origin: "api" });
  });

  // The examples of the documentation share an id: SWE004 is years before the delivery, noAccount after it.
  it("SWE004 has the earlier time, so the message failed, and the delivery is one contradiction", async () => {
    expect(await system.metrics("7103000000")).toMatchObject({
      totalMessages: 1,
      messagesByStatus: { read: 0, failed: 1, noAccount: 0 },
      reached: { api: { sent: 1, delivered: 0, read: 0, failed: 1, noAccount: 0 } },
      failuresByReason: { no_account: 0, group_too_large: 1 },
      contradictions: 1,
      firstMessageAt: iso(1586700802),
    });
    expect(await system.message("7103000000", ID)).toMatchObject({ status: "failed", contradicted: true });
    const samples = await system.prometheus();
    const outcome = (word: string) =>
      samples.value("ticktally_status_events_total", { wa_instance: "7103000000", outcome: word });
    expect(["created", "advanced", "contradiction", "duplicate"].map(outcome)).toEqual([1, 3, 1, 0]);
    const wait = (stage: string) =>
      samples.value("ticktally_message_latency_seconds_sum", { wa_instance: "7103000000", stage });
    // Prometheus's counters must not decrease, so the difference is in a separate counter of corrections.
    expect([wait("sent_to_delivered"), wait("delivered_to_read")]).toEqual([1727698517 - 1727691478, 80]);
  });

  it("a message that fails nine times in one second fails once, with the first status and reason in their lists", async () => {
    expect(await system.metrics("1234")).toMatchObject({
      totalMessages: 1,
      groupMessages: 1,
      messagesByStatus: { notInGroup: 0, failed: 1 },
      failuresByReason: { not_in_group: 0, file_empty: 1, timed_out: 0 },
      reached: { api: { notInGroup: 0, failed: 1 } },
    });
    const samples = await system.prometheus();
    const labels = { wa_instance: "1234", outcome: "duplicate" };
    expect(samples.value("ticktally_status_events_total", labels)).toBe(7);
  });

  it("an edit that was too late is a separate failure", async () => {
    const message = await system.message("1101000001", "BAE56687379D581D");
    expect(message).toMatchObject({ status: "failed", reason: "edit_window_expired" });
  });
});
