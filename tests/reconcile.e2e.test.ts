import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { reconcileScheduledAnswer, reconciliationAnswer } from "../packages/schemas/src/index.ts";
import { Administrator, answerBody } from "./support/instances.ts";
import { StubGateway, type Misbehaviour } from "./support/stub-gateway.ts";
import { until } from "./support/until.ts";
import { CHAT, freshInstance, nowSeconds, observation, statusOf } from "./support/webhooks.ts";
import { sharedSystem } from "./shared-system.ts";
import type { System } from "./system.ts";

/** The worker gives up on a silent gateway after up to 20 s. */
const RUN_MS = 40_000;

let system: System;
let stub: StubGateway;
let administrator: Administrator;
beforeAll(async () => {
  [system, stub] = await Promise.all([sharedSystem(), StubGateway.start()]);
  administrator = new Administrator(system);
});
afterAll(async () => stub?.stop());

function sent(idMessage: string, statusMessage: string, more: object = {}): object {
  const base = {
    type: "outgoing",
    typeMessage: "textMessage",
    chatId: CHAT,
    textMessage: "secret text",
    sendByApi: true,
  };
  return { ...base, idMessage, statusMessage, timestamp: nowSeconds() - 60, ...more };
}

function received(idMessage: string): object {
  return { type: "incoming", typeMessage: "imageMessage", chatId: CHAT, idMessage, timestamp: nowSeconds() - 60 };
}

async function withUpstream(instance: string, upstream: object = {}): Promise<void> {
  const settings = { upstream: { apiUrl: stub.url, apiTokenInstance: "gateway-token", ...upstream } };
  await administrator.create({ idInstance: instance, settings });
}

async function lastRun(instance: string) {
  return answerBody(reconciliationAnswer, await system.get(`/instances/${instance}/reconcile`)).lastRun;
}

/** The next run after the given one. */
async function runAfter(instance: string, before: string | undefined) {
  return until(
    "a reconciliation has ended",
    async () => {
      const run = await lastRun(instance);
      return run !== null && run.finishedAt !== before && run;
    },
    RUN_MS,
  );
}

async function reconcile(instance: string, body: unknown) {
  const before = await lastRun(instance);
  const answer = await system.send("POST", `/instances/${instance}/reconcile`, body);
  const { scheduled } = answerBody(reconcileScheduledAnswer, answer, 202);
  const run = await runAfter(instance, before?.finishedAt);
  await system.drained();
  return { scheduled, run };
}

// The tests run concurrently, because they mostly wait for their gateways.
describe.concurrent("lost webhooks", () => {
  it("are only searched on request with reconcileEveryMinutes: 0, and no next run is announced", async () => {
    const instance = freshInstance();
    await withUpstream(instance, { reconcileEveryMinutes: 0 });
    expect(await lastRun(instance)).toBeNull();
    expect((await reconcile(instance, {})).run).toMatchObject({ source: "request", outcome: "ok", nextAt: null });
    const upstream = { apiUrl: stub.url, apiTokenInstance: "gateway-token", reconcileEveryMinutes: 60 };
    await administrator.change(instance, { settings: { upstream } });
    expect((await reconcile(instance, {})).run?.nextAt).toMatch(/Z$/);
  });

  it("are repaired and counted once, and change nothing in another run or when they arrive late", async () => {
    const instance = freshInstance();
    const at = nowSeconds() - 60;
    await system.accept(
      observation("api", instance, "behind", undefined, { timestamp: at - 100 }),
      statusOf(instance, "behind", "sent", { timestamp: at - 100 }),
      observation("api", instance, "known", undefined, { timestamp: at }),
      statusOf(instance, "known", "read", { timestamp: at }),
    );
    await system.drained();
    const script = stub.of(instance);
    script.outgoing = [
      sent("missing", "delivered"),
      sent("behind", "read"),
      sent("known", "read"),
      sent("known", "sent"),
    ];
    script.outgoing.push(sent("odd", "teleported"), "no object", { type: "outgoing" });
    script.incoming = [received("in")];
    const upstream = { apiUrl: stub.url, apiTokenInstance: "gateway-token", reconcileEveryMinutes: 60 };
    await administrator.change(instance, { settings: { upstream } });
    const first = await runAfter(instance, undefined);
    await system.drained();

    expect(first).toMatchObject({ source: "schedule", outcome: "ok", minutes: 1440, error: null });
    expect(first).toMatchObject({ checked: 5, missing: 3, behind: 1, known: 1, skipped: 3 });
    const metrics = await system.metrics(instance);
    expect(metrics).toMatchObject({ messagesSent: 4, messagesReceived: 1, mediaByType: { image: 1 } });
    expect(metrics.messagesByStatus).toMatchObject({ read: 2, delivered: 1 });

    const { run } = await reconcile(instance, { minutes: 5 });
    expect(run).toMatchObject({ source: "request", outcome: "ok", minutes: 5, missing: 0, behind: 0, known: 5 });

    // The late webhook has the actual time.
    await system.accept(
      observation("api", instance, "missing", undefined, { timestamp: at - 500 }),
      statusOf(instance, "missing", "sent", { timestamp: at - 500 }),
      statusOf(instance, "missing", "delivered", { timestamp: at - 400 }),
    );
    await system.drained();
    expect(await system.metrics(instance)).toMatchObject({ messagesSent: 4, messagesReceived: 1 });
    const message = await system.message(instance, "missing");
    const times = new Map(
      message?.timeline.map(({ status, at: reportedAt }) => [status, Date.parse(reportedAt) / 1000]),
    );
    expect(times.get("sent")).toBe(at - 500);
    expect(times.get("delivered")).toBe(at - 400);
    const worker = await system.prometheus("worker");
    expect(worker.value("ticktally_reconciled_messages_total", { outcome: "missing" })).toBeGreaterThanOrEqual(3);
    expect(worker.value("ticktally_reconcile_runs_total", { outcome: "ok" })).toBeGreaterThanOrEqual(2);
  });

  it("of a story are repaired for each viewer, with one request a second", async () => {
    const instance = freshInstance();
    const script = stub.of(instance);
    const story = { chatId: "status@broadcast", typeMessage: "extendedTextMessage" };
    script.outgoing = ["S1", "S2", "S3"].map((id) => sent(id, "sent", story));
    const [timestamp, viewers] = [nowSeconds() - 30, ["79001111111@c.us", "79002222222@c.us"]];
    script.stories.set("S1", [
      { timestamp, participant: viewers[0], status: "read" },
      { timestamp, participant: [viewers[1]], status: "delivered" },
      { timestamp, participant: 7, status: "read" },
    ]);
    await withUpstream(instance, { reconcileEveryMinutes: 0 });
    const { run } = await reconcile(instance, {});
    expect(run).toMatchObject({ outcome: "ok", checked: 3, missing: 3, skipped: 1 });
    expect(await system.metrics(instance)).toMatchObject({ messagesSent: 3 });
    const { text } = await system.get(`/messages/${instance}/S1`);
    for (const viewer of viewers) expect(text).toContain(viewer);
    expect((await reconcile(instance, {})).run).toMatchObject({ missing: 0, behind: 0, known: 3 });

    const times = stub.requestsOf(instance).map(({ atMs }) => atMs);
    expect(times).toHaveLength(10);
    // The total time is checked, because on a busy machine one request may be late and the next one soon after it.
    expect((times.at(-1) ?? 0) - (times[0] ?? 0)).toBeGreaterThan(8_000);
    expect(stub.inFlightMost).toBe(1);
  });

  it("are repaired from an uploaded journal, once even if it is uploaded twice, except those older than the retention", async () => {
    const instance = freshInstance();
    await administrator.create({ idInstance: instance });
    const journal = [
      sent("A", "read"),
      received("B"),
      sent("old", "read", { timestamp: nowSeconds() - 40 * 86_400 }),
      7,
    ];
    const { scheduled, run } = await reconcile(instance, journal);
    expect(scheduled).toEqual({ instance, source: "file", minutes: null, entries: 3, skipped: 1 });
    expect(run).toMatchObject({ source: "file", outcome: "ok", checked: 2, missing: 2, skipped: 2 });
    expect((await reconcile(instance, { messages: journal })).run).toMatchObject({ missing: 0, known: 2 });
    expect(await system.metrics(instance)).toMatchObject({ messagesSent: 1, messagesReceived: 1 });
  });
});

type Run = Awaited<ReturnType<typeof runAfter>>;

describe.concurrent("a gateway that misbehaves", () => {
  const MISBEHAVIOURS: readonly [Misbehaviour, string][] = [
    [401, "refused"],
    [403, "refused"],
    [429, "limited"],
    [466, "limited"],
    [502, "unavailable"],
    [400, "failed"],
    ["break off", "unavailable"],
    ["no JSON", "unreadable"],
    ["half a list", "unreadable"],
    ["no list", "unreadable"],
  ];
  const firstRuns = new Map<Misbehaviour, Promise<{ readonly bad: Run; readonly good: Run }>>();

  // All instances at once, because the schedule takes some seconds to reach an instance.
  beforeAll(() => {
    const firstRun = async (instance: string) => {
      await withUpstream(instance);
      return runAfter(instance, undefined);
    };
    for (const [misbehaviour, outcome] of MISBEHAVIOURS) {
      const [bad, good] = [freshInstance(), freshInstance()];
      Object.assign(stub.of(bad), { misbehaviour, retryAfter: outcome === "limited" ? "90" : undefined });
      stub.of(good).outgoing = [sent("A", "sent")];
      const both = Promise.all([firstRun(bad), firstRun(good)]);
      firstRuns.set(
        misbehaviour,
        both.then(([badRun, goodRun]) => ({ bad: badRun, good: goodRun })),
      );
    }
  });

  it.each(MISBEHAVIOURS)(
    "with %s is reported and backed off from, while another instance is reconciled",
    async (misbehaviour, outcome) => {
      const { bad, good } = (await firstRuns.get(misbehaviour)) ?? {};
      expect(bad).toMatchObject({ outcome, checked: 0 });
      expect(bad?.error).toMatch(/^lastOutgoingMessages /);
      const waitMs = Date.parse(bad?.nextAt ?? "") - Date.parse(bad?.finishedAt ?? "");
      expect(waitMs).toBe(outcome === "limited" ? 90_000 : 10_000);
      expect(good).toMatchObject({ outcome: "ok", missing: 1 });
    },
  );

  it(
    "by silence or by refusing connections is reported, while another instance is reconciled",
    { timeout: 90_000 },
    async () => {
      const [silent, absent, good] = [freshInstance(), freshInstance(), freshInstance()];
      // The other journal is answered: to time out once is enough.
      stub.of(silent).misbehaviours.set("lastOutgoingMessages", "silence");
      stub.of(good).outgoing = [sent("A", "sent")];
      // Port 9 has no listener.
      await Promise.all([
        withUpstream(silent),
        withUpstream(absent, { apiUrl: "http://127.0.0.1:9" }),
        withUpstream(good),
      ]);
      expect(await runAfter(absent, undefined)).toMatchObject({ outcome: "unavailable", checked: 0 });
      expect(await runAfter(good, undefined)).toMatchObject({ outcome: "ok", missing: 1 });
      expect(await runAfter(silent, undefined)).toMatchObject({ outcome: "timeout", checked: 0 });
    },
  );

  it("is retried after longer pauses, and at once with a corrected token", { timeout: 60_000 }, async () => {
    const instance = freshInstance();
    await withUpstream(instance, { apiTokenInstance: "wrong-token" });
    const first = await runAfter(instance, undefined);
    const second = await runAfter(instance, first.finishedAt);
    expect(second.outcome).toBe("refused");
    expect(Date.parse(second.nextAt ?? "") - Date.parse(second.finishedAt)).toBe(20_000);
    const upstream = { apiUrl: stub.url, apiTokenInstance: "gateway-token" };
    await administrator.change(instance, { settings: { upstream } });
    expect((await runAfter(instance, second.finishedAt)).outcome).toBe("ok");
    const output = system.output("worker") + system.output("api");
    expect(output).not.toContain("wrong-token");
    expect(output).not.toContain("gateway-token");
    expect(output).not.toContain("secret text");
  });
});

it("refuses invalid requests for a reconciliation", async () => {
  const instance = freshInstance();
  const { token } = await administrator.create({ idInstance: instance });
  const path = `/instances/${instance}/reconcile`;
  expect((await system.send("POST", path, { minutes: 5 })).status).toBe(409);
  expect((await system.send("POST", path, { minutes: 0 })).status).toBe(400);
  expect((await system.send("POST", path, "7")).text).toContain("The body must be");
  expect((await system.send("POST", path, { minutes: 5 }, { token })).status).toBe(403);
  expect((await system.send("POST", "/instances/nobody/reconcile", {})).status).toBe(404);
  expect(answerBody(reconciliationAnswer, await system.get(path, { token })).lastRun).toBeNull();
});
