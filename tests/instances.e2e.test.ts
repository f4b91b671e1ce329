import { beforeAll, describe, expect, it } from "vitest";
import type { z } from "zod";
import { doneAnswer, instancesAnswer, settingsAnswer } from "../packages/schemas/src/index.ts";
import { sharedSystem } from "./shared-system.ts";
import type { System } from "./system.ts";
import { Administrator, answerBody } from "./support/instances.ts";
import { expectRefusal } from "./support/refusals.ts";
import { remainingKeys } from "./support/remaining-keys.ts";
import { until } from "./support/until.ts";
import { freshInstance, GROUP, nowSeconds, signal, statusOf, textIn } from "./support/webhooks.ts";

let system: System;
let admin: Administrator;
beforeAll(async () => {
  system = await sharedSystem();
  admin = new Administrator(system);
});

const patch = async (name: string, body: unknown) => system.send("PATCH", `/instances/${name}`, body);

describe("GET /instances", () => {
  it("lists every instance with the gateway's state and the last webhook, and can be filtered", async () => {
    const [id, quiet] = [freshInstance(), freshInstance()];
    await admin.create({ idInstance: quiet, name: "quiet" });
    const since = nowSeconds();
    await system.accept(signal(id, "stateInstanceChanged", { stateInstance: "authorized" }));
    await system.drained();
    const all = await admin.list();
    expect(all.map(({ name }) => name)).toEqual(all.map(({ name }) => name).toSorted());
    const found = all.find(({ idInstance }) => idInstance === id);
    expect(found).toMatchObject({ name: id, state: "authorized" });
    expect(Date.parse(found?.lastWebhookAt ?? "")).toBeGreaterThanOrEqual(since * 1000);
    const one = await system.get("/instances?instanceName=quiet");
    expect(answerBody(instancesAnswer, one)).toMatchObject({
      message: "1 Instance found",
      instances: [{ name: "quiet" }],
    });
    const two = await system.get(`/api/instance/list?instanceName=quiet,%20${id},nobody,${quiet}`);
    expect(answerBody(instancesAnswer, two).message).toBe("2 Instances found");
    expectRefusal(await system.get("/instances?instanceName=nobody"), 404);
    expectRefusal(await system.get("/instances?instanceName=,"), 400);
    expectRefusal(await system.get("/instances?name=quiet"), 400);
  });

  it("lists page by page, each instance once, with the total in `message`", async () => {
    for (const name of ["page-c", "page-a", "page-b"]) await admin.create({ idInstance: freshInstance(), name });
    const all = await admin.list();
    const names: string[] = [];
    for (let query: string | undefined = "limit=2"; query !== undefined;) {
      const page: z.infer<typeof instancesAnswer> = answerBody(
        instancesAnswer,
        await system.get(`/instances?${query}`),
      );
      expect(page.message).toBe(`${all.length} Instances found`);
      expect(page.instances.length).toBeLessThanOrEqual(2);
      names.push(...page.instances.map(({ name }) => name));
      query = page.nextCursor === null ? undefined : `limit=2&cursor=${encodeURIComponent(page.nextCursor)}`;
    }
    expect(names).toEqual(all.map(({ name }) => name));
    for (const wrong of ["limit=0", "limit=1001", "limit=x", "limit=1&instanceName=page-a"])
      expectRefusal(await system.get(`/instances?${wrong}`), 400);
  });
});

describe("GET /instances/:name", () => {
  it("shows the last 50 changes of the gateway's state, newest first, for any order of webhooks", async () => {
    const id = freshInstance();
    const begun = nowSeconds() - 1_000;
    const reports = Array.from({ length: 60 }, (_, n) => {
      return { stateInstance: n % 2 === 0 ? "authorized" : "notAuthorized", timestamp: begun + n };
    });
    for (const report of reports.slice(30).concat(reports.slice(0, 35)))
      await system.accept(signal(id, "stateInstanceChanged", report));
    await system.drained();
    const expected = reports.slice(10).map(({ stateInstance, timestamp }) => ({
      at: new Date(timestamp * 1000).toISOString(),
      from: stateInstance === "authorized" ? "notAuthorized" : "authorized",
      to: stateInstance,
    }));
    expect(await admin.instance(id)).toMatchObject({ state: "notAuthorized", stateChanges: expected.toReversed() });
  });
});

describe("PATCH /instances/:name", () => {
  it("renames: counts, messages and Prometheus's label continue under the new name, and the id stays valid", async () => {
    const id = freshInstance();
    await system.accept(statusOf(id, "M", "sent"));
    await system.drained();
    expect((await admin.change(id, { name: "sales.de" })).name).toBe("sales.de");
    await system.accept(statusOf(id, "N", "sent"));
    expect((await system.counted("sales.de")).messagesSent).toBe(2);
    expect((await system.metrics(id)).messagesSent).toBe(2);
    expect((await system.message("sales.de", "M"))?.status).toBe("sent");
    const samples = await system.prometheus();
    const labels = { direction: "outgoing", origin: "api" };
    expect(samples.value("ticktally_messages_total", { ...labels, wa_instance: "sales.de" })).toBe(2);
    expect(samples.all("ticktally_messages_total", { wa_instance: id })).toEqual([]);
    expect((await admin.change("sales.de", { name: "sales_at" })).idInstance).toBe(id);
    expectRefusal(await system.get("/metrics/sales.de"), 404);
    expect((await admin.change("sales_at", { name: id })).name).toBe(id);
  });

  it("409 to the name or id of another instance, without a change", async () => {
    const [id, other] = [freshInstance(), freshInstance()];
    await admin.create({ idInstance: id });
    await admin.create({ idInstance: other, name: "others" });
    const settings = { ignoreGroupMessages: true };
    expect(expectRefusal(await patch(id, { name: "others", settings }), 409)).toBe("conflict");
    expect(await admin.instance(id)).toMatchObject({ name: id, settings: { ignoreGroupMessages: false } });
  });

  it("changes settings for later webhooks, and keeps earlier records", async () => {
    const id = freshInstance();
    await admin.create({ idInstance: id });
    await system.acceptInOrder(textIn(GROUP, "incoming", id, "A"));
    const settings = { ignoreGroupMessages: true };
    expect((await admin.change(id, { settings })).settings).toMatchObject(settings);
    await system.acceptInOrder(textIn(GROUP, "incoming", id, "B"));
    expect((await system.metrics(id)).groupMessages).toBe(1);
    const got = answerBody(settingsAnswer, await system.get(`/api/instance/getSettings/${id}`));
    expect(got).toMatchObject({ message: "Settings retrieved successfully", settings });
    await admin.change(id, { settings: { ignoreGroupMessages: false } });
    await system.acceptInOrder(textIn(GROUP, "incoming", id, "C"));
    expect((await system.metrics(id)).groupMessages).toBe(2);
  });

  it("stores the failure ratio for alerts, and exports it to Prometheus while it is set", async () => {
    const id = freshInstance();
    await admin.create({ idInstance: id, settings: { failureRatioMax: 0.25 } });
    const shown = async () => {
      const samples = await system.prometheus();
      const series = samples.all("ticktally_instance_failure_ratio_max", { wa_instance: id });
      return [(await admin.instance(id)).settings.failureRatioMax, ...series.map(({ value }) => value)];
    };
    expect(await shown()).toEqual([0.25, 0.25]);
    await admin.change(id, { settings: { failureRatioMax: 1 } });
    expect(await shown()).toEqual([1, 1]);
    await admin.change(id, { settings: { failureRatioMax: null } });
    expect(await shown()).toEqual([null]);
  });

  it("stores the upstream, shows it without its token, and removes it", async () => {
    const id = freshInstance();
    const upstream = { apiUrl: "http://127.0.0.1:9/", apiTokenInstance: "gateway-t0ken", reconcileEveryMinutes: 0 };
    await admin.create({ idInstance: id, settings: { upstream } });
    const shownUpstream = { apiUrl: "http://127.0.0.1:9", pull: false, reconcileEveryMinutes: 0 };
    expect((await admin.instance(id)).settings.upstream).toEqual(shownUpstream);
    expect((await system.get(`/instances/${id}`)).text).not.toContain("gateway-t0ken");
    expect((await admin.change(id, { settings: { upstream: null } })).settings.upstream).toBeNull();
  });

  const ID = freshInstance();
  const upstream = (more: object) => ({
    settings: { upstream: { apiUrl: "http://gw", apiTokenInstance: "t", ...more } },
  });
  it.each([
    [upstream({ apiUrl: "ftp://gw" }), "`settings.upstream.apiUrl` must be the gateway's address"],
    [upstream({ apiUrl: "http://me:pw@gw" }), "only an address"],
    [upstream({ apiTokenInstance: "a/b" }), "`settings.upstream.apiTokenInstance`"],
    [upstream({ reconcileEveryMinutes: 2000 }), "`settings.upstream.reconcileEveryMinutes` must be at most 1440"],
    [upstream({ pul: true }), "`settings.upstream.pul`"],
    [{}, "The body must have a `name` or at least one setting"],
    [{ settings: {} }, "The body must have a `name` or at least one setting"],
    [{ name: "a b" }, "name"],
    [{ name: "123" }, "digits only"],
    [{ nam: "x" }, "`nam`"],
    [{ name: "x", settings: { ignore: true, other: 1 } }, "`settings.ignore`, `settings.other`"],
    [{ settings: { failureRatioMax: 0 } }, "`settings.failureRatioMax` must be"],
    [{ settings: { failureRatioMax: 1.01 } }, "`settings.failureRatioMax` must be"],
    [{ settings: { failureRatioMax: "0.5" } }, "`settings.failureRatioMax` must be a number"],
    [{ settings: { ignoreGroupMessages: 1 } }, "`settings.ignoreGroupMessages` must be true or false"],
  ])("400 to %j: %s", async (body, message) => {
    await system.send("POST", "/instances", { idInstance: ID });
    const answer = await patch(ID, body);
    expectRefusal(answer, 400);
    expect(answer.text).toContain(message);
  });
});

const posts = async (id: string, token: string) => (await system.post(statusOf(id, "M", "sent"), { token })).status;
let replaced: { readonly id: string; readonly token: string };

describe("tokens", () => {
  it("can be replaced without interruption, at ingest and api: the last two are valid", async () => {
    const id = freshInstance();
    const first = (await admin.create({ idInstance: id })).token;
    const reads = async (token: string) => (await system.get(`/metrics/${id}`, { token })).status;
    expect([await reads(first), await posts(id, first)]).toEqual([200, 200]);
    const second = await admin.newToken(id);
    for (const token of [first, second]) expect([await reads(token), await posts(id, token)]).toEqual([200, 200]);
    const third = await admin.newToken(id);
    for (const token of [second, third]) expect([await reads(token), await posts(id, token)]).toEqual([200, 200]);
    expect(await reads(first)).toBe(401);
    expect(new Set([first, second, third]).size).toBe(3);
    replaced = { id, token: first };
  });
});

describe("DELETE /instances/:name", () => {
  it("removes everything, also from Redis; later webhooks start new counts", async () => {
    const id = freshInstance();
    const { token } = await admin.create({ idInstance: id, name: "goner", settings: { ignoreGroupMessages: true } });
    for (let i = 0; i < 100; i++) await system.accept(statusOf(id, `M${i}`, "sent"));
    expect((await system.counted("goner")).messagesSent).toBe(100);
    const answer = await system.send("DELETE", "/instances/goner");
    expect(answerBody(doneAnswer, answer).message).toContain("goner");
    for (const path of ["/metrics/goner", `/metrics/${id}`, `/messages/${id}/M1`, `/instances/${id}`])
      expectRefusal(await system.get(path), 404);
    expectRefusal(await system.send("DELETE", "/instances/goner"), 404);
    expectRefusal(await system.get("/instances", { token }), 401);
    expect((await admin.list()).map(({ idInstance }) => idInstance)).not.toContain(id);
    await until("its keys are deleted", async () => (await remainingKeys(system, id)).length === 0);

    await system.accept(statusOf(id, "M1", "delivered"));
    expect(await system.counted(id)).toMatchObject({ messagesSent: 1, messagesByStatus: { delivered: 1, sent: 0 } });
    expect(await admin.instance(id)).toMatchObject({ name: id, settings: { ignoreGroupMessages: false } });
    expect((await admin.create({ idInstance: freshInstance(), name: "goner" })).instance.name).toBe("goner");
  });
});

describe("an instance that is deleted and created again between two scrapes", () => {
  it("has counters that start again, and nothing in quarantine", async () => {
    const id = freshInstance();
    const shownSent = async () => {
      const samples = await system.prometheus();
      const labels = { wa_instance: id, direction: "outgoing", origin: "api" };
      return [samples.value("ticktally_messages_total", labels), samples.value("ticktally_regressions_total")];
    };
    const before = (await system.prometheus()).value("ticktally_quarantine_size");
    await system.acceptInOrder(statusOf(id, "A", "sent"), statusOf(id, "B", "sent"), statusOf(id, "C", "unheard-of"));
    expect(await shownSent()).toEqual([2, 0]);
    expect((await system.prometheus()).value("ticktally_quarantine_size")).toBe(before + 1);
    expect((await system.send("DELETE", `/instances/${id}`)).status).toBe(200);
    await admin.create({ idInstance: id });
    await system.acceptInOrder(statusOf(id, "A", "sent"));
    expect(await shownSent()).toEqual([1, 0]);
    expect((await system.prometheus()).value("ticktally_quarantine_size")).toBe(before);
  });
});

describe("while Redis is down", () => {
  it("503 to every change, and everything works again afterwards", async () => {
    const id = freshInstance();
    await admin.create({ idInstance: id });
    await system.killRedis();
    const requests = [
      ["GET", "/instances", undefined],
      ["POST", "/instances", { idInstance: "7200000001" }],
      ["PATCH", `/instances/${id}`, { name: "later" }],
      ["DELETE", `/instances/${id}`, undefined],
      ["POST", `/instances/${id}/token`, undefined],
    ] as const;
    for (const [method, path, body] of requests) expectRefusal(await system.send(method, path, body), 503);
    await system.restartRedis();
    await until("it is renamed", async () => (await patch(id, { name: "later" })).status === 200);
    expect((await system.send("DELETE", "/instances/later")).status).toBe(200);
  });
});

// Ingest caches tokens for ten seconds, so this test is the last one.
it("a token that was replaced twice is refused by ingest too", async () => {
  const { id, token } = replaced;
  await until("ingest refuses it", async () => (await posts(id, token)) === 401, 15_000);
});
