import { join } from "node:path";
import { beforeAll, describe, expect, it } from "vitest";
import { quarantineAnswer, quarantineEntryAnswer, replayAnswer } from "../packages/schemas/src/index.ts";
import { runBackupTool } from "./support/backup-tool.ts";
import { Administrator, answerBody } from "./support/instances.ts";
import { changeOf, freshNumber, META_VERIFY_TOKEN, metaBody, PERSON, postAsMeta, status } from "./support/meta.ts";
import { nowSeconds } from "./support/webhooks.ts";
import { sharedSystem } from "./shared-system.ts";
import { WEBHOOK_TOKEN, type System } from "./system.ts";

let system: System;
beforeAll(async () => {
  system = await sharedSystem();
});

const PRICING = { billable: true, pricing_model: "PMP", type: "regular", category: "utility" };

async function check(query: Readonly<Record<string, string>>, { ingestPort } = system) {
  return fetch(`http://127.0.0.1:${String(ingestPort)}/webhooks/meta?${new URLSearchParams(query).toString()}`);
}

describe("Meta's verification request", () => {
  it("is answered with only its challenge, and with 403 for a wrong token", async () => {
    const query = { "hub.mode": "subscribe", "hub.challenge": "1158201444", "hub.verify_token": META_VERIFY_TOKEN };
    const answer = await check(query);
    expect([answer.status, answer.headers.get("content-type"), await answer.text()]).toEqual([
      200,
      "text/plain; charset=utf-8",
      "1158201444",
    ]);
    expect((await check({ ...query, "hub.verify_token": "guess" })).status).toBe(403);
    expect((await check({})).status).toBe(405);
  });
});

describe("a webhook of Meta", () => {
  it("counts the statuses of several accounts, with reasons, codes and prices, and does not count calls", async () => {
    const [first, second] = [freshNumber(), freshNumber()];
    const error = { code: 131049, title: "T", message: "M", error_data: { details: "held back" } };
    const body = metaBody(
      changeOf(first.number, {
        statuses: [
          status("A", "sent", { pricing: PRICING }),
          status("B", "failed", { recipient_id: undefined, recipient_user_id: "US.1", errors: [error] }),
        ],
      }),
      changeOf(second.number, { statuses: [status("C", "delivered", { pricing: PRICING })] }),
      changeOf(second.number, { statuses: [{ id: "wacid.D", type: "call", status: "RINGING" }] }, "calls"),
      { field: "account_update", value: { event: "VERIFIED_ACCOUNT" } },
    );
    expect((await postAsMeta(system, body)).status).toBe(200);
    const metrics = await system.counted(first.instance);
    expect(metrics).toMatchObject({
      messagesSent: 2,
      messagesByStatus: { sent: 1, failed: 1 },
      failuresByReason: { engagement_limited: 1 },
      messagesByPriceCategory: { utility: 1 },
      messagesByPriceType: { regular: 1 },
      messagesSentByApi: 2,
    });
    expect((await system.metrics(second.instance)).messagesSent).toBe(1);
    expect(await system.message(first.instance, "wamid.B")).toMatchObject({
      status: "failed",
      reason: "engagement_limited",
      code: "131049",
      description: "held back",
      chatId: "US.1@bsuid",
    });
    const samples = await system.prometheus();
    const labels = { wa_instance: first.instance };
    expect(samples.value("ticktally_message_failures_total", { ...labels, reason: "engagement_limited" })).toBe(1);
    expect(samples.value("ticktally_messages_by_price_category_total", { ...labels, category: "utility" })).toBe(1);
    expect(samples.value("ticktally_messages_by_price_type_total", { ...labels, type: "regular" })).toBe(1);
  });

  it("without a valid signature is refused, and nothing of it is stored", async () => {
    const { number, instance } = freshNumber();
    const body = metaBody(changeOf(number, { statuses: [status("A", "sent")] }));
    expect((await postAsMeta(system, body, "another secret, of another app")).status).toBe(401);
    expect((await system.post(body, { path: "/webhooks/meta", token: null })).status).toBe(401);
    expect((await postAsMeta(system, "{")).status).toBe(400);
    await system.drained();
    expect((await system.get(`/metrics/${instance}`)).status).toBe(404);
  });

  it("of a group counts one message, with the statuses of each member", async () => {
    const { number, instance } = freshNumber();
    const group = { recipient_type: "group", recipient_id: "GROUP-1" };
    const statuses = [
      status("G", "sent", group),
      status("G", "delivered", { ...group, recipient_participant_id: "15550001111" }),
      status("G", "read", { ...group, recipient_participant_user_id: "US.2" }),
      status("G", "failed", { ...group, recipient_participant_id: "15550003333", errors: [{ code: 131026 }] }),
    ];
    await postAsMeta(system, metaBody(changeOf(number, { statuses })));
    expect(await system.counted(instance)).toMatchObject({
      messagesSent: 1,
      groupMessages: 1,
      messagesByStatus: { read: 1, failed: 0 },
      failuresByReason: { recipient_unreachable: 0 },
    });
    const message = await system.message(instance, "wamid.G");
    expect(message).toMatchObject({ chatId: "GROUP-1@g.us", status: "read" });
    expect(message?.recipients?.map(({ chatId }) => chatId).toSorted()).toEqual([
      "15550001111@c.us",
      "15550003333@c.us",
      "US.2@bsuid",
    ]);
  });

  it("counts received messages, and messages sent from the phone", async () => {
    const { number, instance } = freshNumber();
    const timestamp = String(nowSeconds() - 1);
    const messages = [
      { id: "wamid.I1", from: PERSON, timestamp, type: "image", image: { caption: "a private text" } },
      { id: "wamid.I2", from: PERSON, timestamp, type: "reaction", reaction: { emoji: "+", message_id: "wamid.I1" } },
    ];
    const echo = {
      id: "wamid.E1",
      from: "15550002222",
      to: PERSON,
      timestamp,
      type: "text",
      text: { body: "private" },
    };
    await postAsMeta(
      system,
      metaBody(changeOf(number, { messages }), changeOf(number, { message_echoes: [echo] }, "smb_message_echoes")),
    );
    await postAsMeta(system, metaBody(changeOf(number, { statuses: [status("E1", "delivered")] })));
    expect(await system.counted(instance)).toMatchObject({
      messagesReceived: 1,
      messagesSent: 1,
      messagesByType: { image: 1, text: 1 },
      actions: { reaction: 1 },
      reached: { phone: { delivered: 1 } },
    });
  });

  it("with an invalid part is counted without it, and that part can be inspected and replayed", async () => {
    const { number, instance } = freshNumber();
    const statuses = [status("A", "sent"), status("B", "evaporated"), status("C", "sent")];
    expect((await postAsMeta(system, metaBody(changeOf(number, { statuses })))).status).toBe(200);
    expect((await system.counted(instance)).messagesSent).toBe(2);
    const { entries } = answerBody(quarantineAnswer, await system.get(`/quarantine?instance=${instance}`));
    expect(entries).toMatchObject([{ reason: "unknown_status", idInstance: instance }]);
    const { entry } = answerBody(quarantineEntryAnswer, await system.get(`/quarantine/${entries[0]?.id ?? ""}`));
    expect(JSON.stringify(entry.webhook)).toContain("evaporated");
    const replayed = await system.send("POST", "/quarantine/replay", { instance });
    expect(answerBody(replayAnswer, replayed)).toMatchObject({ replayed: 1, skipped: 0 });
    await system.drained();
    const after = answerBody(quarantineAnswer, await system.get(`/quarantine?instance=${instance}`));
    expect(after.entries).toMatchObject([{ reason: "unknown_status" }]);
    expect((await system.metrics(instance)).messagesSent).toBe(2);
  });

  it("is answered 404 if the gateway is not enabled", async () => {
    const body = metaBody(changeOf(freshNumber().number, { statuses: [status("A", "sent")] }));
    const without = await system.startSecond("ingest", { META_VERIFY_TOKEN: "" });
    expect((await postAsMeta(without, body)).status).toBe(404);
    expect((await check({ "hub.mode": "subscribe" }, without)).status).toBe(404);
    expect((await postAsMeta(system, body)).status).toBe(200);
  });
});

describe("an instance of Meta", () => {
  it("can be requested by its id and by its name", async () => {
    const { number, instance } = freshNumber();
    await postAsMeta(system, metaBody(changeOf(number, { statuses: [status("A", "sent")] })));
    await system.drained();
    const administrator = new Administrator(system);
    expect(await administrator.instance(instance)).toMatchObject({ idInstance: instance, name: instance });
    const paths = (name: string) =>
      [`/metrics/${name}`, `/metrics/${name}/series`, `/metrics/${name}/failures`, `/metrics/${name}/latency`].concat(
        `/messages/${name}`,
        `/messages/${name}/wamid.A`,
        `/instances/${name}`,
        `/instances?instanceName=${name}`,
        `/quarantine?instance=${encodeURIComponent(instance)}`,
      );
    for (const path of [...paths(instance), ...paths(encodeURIComponent(instance))])
      expect([path, (await system.get(path)).status]).toEqual([path, 200]);
    const name = `sales-${number}`;
    await administrator.change(instance, { name, settings: { ignoreGroupMessages: true } });
    for (const path of [...paths(name), ...paths(instance)])
      expect([path, (await system.get(path)).status]).toEqual([path, 200]);
    await administrator.change(name, { name: instance });
  });

  it("can be created before its first webhook, with a token for its own webhooks and requests", async () => {
    const [own, other] = [freshNumber(), freshNumber()];
    const administrator = new Administrator(system);
    const { token, instance } = await administrator.create({ idInstance: own.instance });
    expect(instance).toMatchObject({ idInstance: own.instance, name: own.instance });
    const post = async (number: string) =>
      system.post(metaBody(changeOf(number, { statuses: [status("A", "sent")] })), { path: "/webhooks/meta", token });
    expect((await post(own.number)).status).toBe(200);
    expect((await post(other.number)).status).toBe(401);
    await system.drained();
    expect((await system.get(`/metrics/${own.instance}`, { token })).status).toBe(200);
    expect((await system.get(`/metrics/${other.instance}`, { token })).status).toBe(403);
    for (const idInstance of ["meat:1", "meta:", "Meta:1", "meta:1:2:3", "meta:a b", "007"])
      expect([idInstance, (await system.send("POST", "/instances", { idInstance })).status]).toEqual([idInstance, 400]);
    const name = other.instance;
    expect((await system.send("PATCH", `/instances/${own.instance}`, { name })).status).toBe(400);
  });

  it("forgets a person by any id that it shows, and is deleted completely", async () => {
    const { number, instance } = freshNumber();
    const hidden = { recipient_id: undefined, recipient_user_id: "US.13491208655302741918" };
    await postAsMeta(
      system,
      metaBody(
        changeOf(number, {
          statuses: [status("A", "sent"), status("B", "sent", hidden), status("B", "evaporated", hidden)],
        }),
      ),
    );
    await system.drained();
    for (const chatId of [`${PERSON}@c.us`, "US.13491208655302741918@bsuid"]) {
      const answer = await system.send("DELETE", `/instances/${instance}/chats/${encodeURIComponent(chatId)}`);
      expect([answer.status, JSON.parse(answer.text)]).toMatchObject([200, { messages: 1 }]);
    }
    expect((await system.get(`/messages/${instance}`)).text).not.toMatch(/15550001111|13491208655302741918/);
    const left = answerBody(quarantineAnswer, await system.get(`/quarantine?instance=${instance}`));
    expect(left.entries).toEqual([]);
    expect((await system.send("DELETE", `/instances/${instance}`)).status).toBe(200);
    expect((await system.get(`/metrics/${instance}`)).status).toBe(404);
  });

  it("is the same after an export and an import", async () => {
    const { number, instance } = freshNumber();
    const statuses = [status("A", "read", { pricing: PRICING }), status("B", "failed", { errors: [{ code: 131047 }] })];
    await postAsMeta(system, metaBody(changeOf(number, { statuses })));
    await postAsMeta(system, metaBody(changeOf(number, { statuses: [status("X", "evaporated")] })));
    await system.drained();
    const asked = [
      `/messages/${instance}`,
      `/metrics/${instance}`,
      `/metrics/${instance}/series`,
      `/instances/${instance}`,
    ];
    const answers = async () =>
      Promise.all(asked.map(async (path) => (await system.get(path)).text.replace(/"asOf":"[^"]+"/, "")));
    const before = await answers();
    const file = join(system.dir, "export");
    const args = [instance];
    await system.kill("worker");
    const run = async (tool: "export" | "import", own: readonly string[]) =>
      runBackupTool(tool, { url: system.redisUrl, file, args: own });
    expect(await run("export", ["--instance", ...args])).toMatchObject({ exitCode: 0 });
    expect(await run("import", ["--replace"])).toMatchObject({ exitCode: 0 });
    await system.start("worker");
    expect(await answers()).toEqual(before);
  });

  it("of a partner without signatures is counted with our webhook token", async () => {
    const { number, instance } = freshNumber();
    const body = metaBody(changeOf(number, { statuses: [status("A", "sent")] }));
    expect((await system.post(body, { path: "/webhooks/meta", token: WEBHOOK_TOKEN })).status).toBe(200);
    expect((await system.counted(instance)).messagesSent).toBe(1);
  });
});
