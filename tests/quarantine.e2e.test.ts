import { afterAll, beforeAll, describe, expect, it, onTestFinished } from "vitest";
import { quarantineAnswer, quarantineEntryAnswer, replayAnswer } from "../packages/schemas/src/index.ts";
import { startSystem, type System } from "./system.ts";
import { Administrator, answerBody } from "./support/instances.ts";
import { expectRefusal } from "./support/refusals.ts";
import { freshInstance, statusOf } from "./support/webhooks.ts";

let system: System;
beforeAll(async () => {
  system = await startSystem({ env: { AUTO_REGISTER_INSTANCES: "false", QUARANTINE_MAX: "160" } });
});
afterAll(async () => system?.stop());

const list = async (query = "") => answerBody(quarantineAnswer, await system.get(`/quarantine${query}`));
const replay = async (request: object) =>
  answerBody(replayAnswer, await system.send("POST", "/quarantine/replay", request));

/** Post webhooks that are quarantined because their instance is not registered. */
async function quarantined(instance: string, count: number): Promise<void> {
  const ids = Array.from({ length: count }, (_, i) => `M${String(i)}`);
  await system.accept(...ids.map((id) => statusOf(instance, id, "delivered")));
  await system.drained();
}

describe("the quarantine", () => {
  it("is listed with reasons, can be filtered by reason and instance, has pages, and shows no webhook", async () => {
    const instance = freshInstance();
    await quarantined(instance, 5);
    await system.accept({ instanceData: { idInstance: Number(instance) } }, [1, 2]);
    await system.drained();
    const { entries, size } = await list();
    expect(size).toBe(7);
    expect(entries.map(({ reason }) => reason).toSorted()).toEqual([
      "no_type",
      "not_an_object",
      ...Array.from({ length: 5 }, () => "unknown_instance"),
    ]);
    expect((await list("?reason=not_an_object")).entries).toHaveLength(1);
    const first = await list(`?instance=${instance}&limit=4`);
    const second = await list(`?instance=${instance}&limit=4&cursor=${first.nextCursor ?? ""}`);
    const ids = [...first.entries, ...second.entries].map(({ id }) => id);
    expect(new Set(ids)).toHaveProperty("size", 6);
    expect(second.nextCursor).toBeNull();
    expect((await system.get("/quarantine")).text).not.toContain("@c.us");
  });

  it("shows one webhook, without secrets and with exact large ids", async () => {
    const typeWebhook = "outgoingMessageStatus";
    const webhook = {
      typeWebhook,
      idMessage: "S",
      status: "bounced",
      settings: { webhookUrlToken: "very-secret" },
    };
    const text = JSON.stringify(webhook).replace("{", '{"instanceData":{"idInstance":18446744073709551615},');
    await system.accept(text);
    await system.drained();
    const [entry] = (await list("?instance=18446744073709551615")).entries;
    const answer = await system.get(`/quarantine/${entry?.id ?? ""}`);
    expect(answer.text).not.toContain("very-secret");
    expect(answerBody(quarantineEntryAnswer, answer).entry.webhook).toEqual({
      ...{ typeWebhook, idMessage: "S", status: "bounced" },
      instanceData: { idInstance: "18446744073709551615" },
    });
  });

  it("can be replayed after the cause is fixed: everything is counted once, and the entries are removed", async () => {
    const instance = freshInstance();
    await quarantined(instance, 6);
    const admin = new Administrator(system);
    await admin.create({ idInstance: instance });
    const [one] = (await list(`?instance=${instance}`)).entries;
    expect(await replay({ ids: [one?.id ?? "", "no-such-id"] })).toMatchObject({ replayed: 1, skipped: 0 });
    expect((await system.counted(instance)).messagesSent).toBe(1);
    expect(await replay({ instance, reason: "unknown_instance" })).toMatchObject({ replayed: 5 });
    expect((await system.counted(instance)).messagesByStatus.delivered).toBe(6);
    expect((await list(`?instance=${instance}`)).entries).toEqual([]);
  });

  it("keeps webhooks that still cannot be read after a replay", async () => {
    const instance = freshInstance();
    await quarantined(instance, 3);
    expect(await replay({ instance })).toMatchObject({ replayed: 3 });
    await system.drained();
    expect((await list(`?instance=${instance}`)).entries).toHaveLength(3);
  });

  it("assigns webhooks without an instance to the instance of the token, also after a replay", async () => {
    const instance = freshInstance();
    const { token } = await new Administrator(system).create({ idInstance: instance });
    const withoutInstance = { typeWebhook: "outgoingMessageStatus", idMessage: "M", status: "sent" };
    for (const body of [{}, [1], withoutInstance, { typeWebhook: "deviceInfo" }])
      expect((await system.post(body, { token })).status).toBe(200);
    await system.drained();
    const reasons = async () => (await list(`?instance=${instance}`)).entries.map(({ reason }) => reason).toSorted();
    const expected = ["no_instance", "no_instance", "no_type", "not_an_object"];
    expect(await reasons()).toEqual(expected);
    expect(await replay({ instance })).toMatchObject({ replayed: 4 });
    await system.drained();
    expect(await reasons()).toEqual(expected);
    await replay({ instance });
    expect((await system.send("DELETE", `/instances/${instance}`)).status).toBe(200);
  });

  it("can discard a single entry", async () => {
    const instance = freshInstance();
    await quarantined(instance, 2);
    const [entry] = (await list(`?instance=${instance}`)).entries;
    expect((await system.send("DELETE", `/quarantine/${entry?.id ?? ""}`)).status).toBe(200);
    expectRefusal(await system.send("DELETE", `/quarantine/${entry?.id ?? ""}`), 404);
    expectRefusal(await system.get(`/quarantine/${entry?.id ?? ""}`), 404);
    expect((await list(`?instance=${instance}`)).entries).toHaveLength(1);
  });

  it.each([
    ["GET", "?limit=0", undefined],
    ["GET", "?reason=bad", undefined],
    ["GET", "?cursor=nonsense", undefined],
    ["GET", "?page=2", undefined],
    ["POST", "/replay", {}],
    ["POST", "/replay", { all: false }],
    ["POST", "/replay", { ids: [] }],
    ["POST", "/replay", { everything: true }],
  ])("400 to %s %s %o", async (method, path, body) => {
    expectRefusal(await system.send(method, `/quarantine${path}`, body), 400);
  });

  it("is available to the account only", async () => {
    const token = await new Administrator(system).create({ idInstance: freshInstance() }).then((made) => made.token);
    for (const [method, path] of [
      ["GET", ""],
      ["GET", "/x"],
      ["POST", "/replay"],
      ["DELETE", "/x"],
    ] as const) {
      const body = method === "POST" ? { all: true } : undefined;
      expectRefusal(await system.send(method, `/quarantine${path}`, body, { token }), 403);
      expectRefusal(await system.send(method, `/quarantine${path}`, body, { token: "wrong" }), 401);
    }
  });

  it("keeps the newest entries of an instance, up to a quarter of the limit, and reports how many it dropped", async () => {
    const before = (await list()).size;
    const instance = freshInstance();
    await quarantined(instance, 45);
    expect((await list("?limit=100")).size).toBe(before + 40);
    expect((await list(`?limit=100&instance=${instance}`)).entries).toHaveLength(40);
    const samples = await system.prometheus("worker");
    expect(samples.value("ticktally_quarantine_dropped_total")).toBe(5);
    expect(samples.value("ticktally_quarantine_max")).toBe(160);
    const shown = (await system.prometheus()).value("ticktally_instance_quarantine_size", { wa_instance: "_other" });
    expect(shown).toBe(samples.value("ticktally_quarantine_instance_max"));
    onTestFinished(async () => {
      expect(await replay({ all: true })).toMatchObject({ replayed: before + 40 });
      await system.drained();
    });
  });
});

describe("AUTO_REGISTER_INSTANCES=false", () => {
  const remove = async (instance: string) => system.send("DELETE", `/instances/${instance}`);

  /** Counts that were stored for a moment are ignored at once, and deleted within a minute. */
  async function expectNothingStored(instance: string): Promise<void> {
    expectRefusal(await system.get(`/instances/${instance}`), 404);
    const keys = await system.askRedis("KEYS", `ticktally:{${instance}}:*`);
    expect(keys).not.toMatch(/:(?:counts|pending)\s/);
  }

  it("quarantines webhooks of unknown instances, and counts those after the instance is created", async () => {
    const admin = new Administrator(system);
    const id = freshInstance();
    const quarantined = async () => (await system.prometheus()).value("ticktally_quarantine_size");
    const before = await quarantined();
    await system.acceptInOrder(statusOf(id, "A", "sent"), statusOf(id, "B", "sent"));
    expect(await quarantined()).toBe(before + 2);
    expectRefusal(await system.get(`/metrics/${id}`), 404);
    await admin.create({ idInstance: id });
    await system.acceptInOrder(statusOf(id, "C", "sent"));
    expect((await system.metrics(id)).messagesSent).toBe(1);
    expect(await quarantined()).toBe(before + 2);
  });

  it("quarantines webhooks immediately after a deletion, and stores nothing else", async () => {
    const instance = freshInstance();
    await new Administrator(system).create({ idInstance: instance });
    await system.acceptInOrder(statusOf(instance, "A", "sent"), statusOf(instance, "B", "sent"));
    expect((await remove(instance)).status).toBe(200);
    await system.acceptInOrder(statusOf(instance, "C", "sent"), statusOf(instance, "D", "sent"));
    await expectNothingStored(instance);
    const { entries } = answerBody(quarantineAnswer, await system.get(`/quarantine?instance=${instance}`));
    expect(entries.map(({ reason }) => reason)).toEqual(["unknown_instance", "unknown_instance"]);
  });

  it("leaves no data of instances that are deleted while webhooks arrive", async () => {
    const admin = new Administrator(system);
    const instances = Array.from({ length: 5 }, freshInstance);
    for (let round = 0; round < 3; round += 1) {
      for (const instance of instances) await admin.create({ idInstance: instance });
      await system.acceptInOrder(...instances.map((instance) => statusOf(instance, "first", "sent")));
      const sending = instances.map(async (instance) => {
        for (let i = 0; i < 40; i += 1) await system.accept(statusOf(instance, `M${round}-${i}`, "sent"));
      });
      await Promise.all([...sending, ...instances.map(async (instance) => remove(instance))]);
      await system.drained();
    }
    for (const instance of instances) await expectNothingStored(instance);
  });
});
