import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { DEBUG, INFO, logLines, outputFromNowOn, type LogLine } from "./support/log-lines.ts";
import { until } from "./support/until.ts";
import { freshInstance, observation, statusOf } from "./support/webhooks.ts";
import { sharedSystem } from "./shared-system.ts";
import { startSystem, type System } from "./system.ts";

describe("at LOG_LEVEL=debug and below", () => {
  let system: System;
  let output: ReturnType<typeof outputFromNowOn>;
  beforeAll(async () => {
    system = await sharedSystem();
    output = outputFromNowOn(system);
  });

  async function line(app: "ingest" | "worker" | "api", what: (line: LogLine) => boolean): Promise<LogLine> {
    return until(`${app} has logged it`, () => logLines(output(app)).find(what));
  }

  it("the sender's request id leads from a webhook to its batch, and the job id from the batch to its result", async () => {
    const instance = freshInstance();
    const webhook = observation("api", instance, "M1");
    const { status, headers } = await system.post(webhook, { headers: { "x-request-id": "edge-1.a_B" } });
    expect([status, headers.get("x-request-id")]).toEqual([200, "edge-1.a_B"]);
    const stored = await line(
      "ingest",
      ({ requestIds }) => Array.isArray(requestIds) && requestIds[0] === "edge-1.a_B",
    );
    expect(stored).toMatchObject({ level: DEBUG, msg: "batch stored", outcome: "stored", shard: 0, webhooks: 1 });
    expect(stored["durationMs"]).toEqual(expect.any(Number));
    const applied = await line("worker", ({ jobId }) => jobId === stored["jobId"]);
    expect(applied).toMatchObject({
      level: DEBUG,
      msg: "batch applied",
      outcome: "applied",
      shard: 0,
      attempt: 1,
      webhooks: 1,
      instances: 1,
      outcomes: { created: 1 },
      quarantined: 0,
    });
    expect(Object.keys(applied)).toEqual(expect.arrayContaining(["durationMs", "lagMs"]));
  });

  it.each([
    ["not JSON", { body: "{", token: undefined, outcome: "not_json", status: 400 }],
    ["a wrong token", { body: "{}", token: "a wrong token", outcome: "unauthorized", status: 401 }],
  ])("%s is logged with its outcome and request id, which the answer repeats", async (_, refused) => {
    const { body, token, outcome, status } = refused;
    const requestId = `refused-${outcome}`;
    const options = { headers: { "x-request-id": requestId }, ...(token === undefined ? {} : { token }) };
    const answer = await system.post(body, options);
    expect([answer.status, answer.headers.get("x-request-id")]).toEqual([status, requestId]);
    const logLine = await line("ingest", (seen) => seen["requestId"] === requestId);
    expect(logLine).toMatchObject({ level: DEBUG, msg: "webhook refused", outcome, status });
  });

  it("an invalid request id is not repeated", async () => {
    const odd = { "x-request-id": "79001234567@c.us" };
    expect((await system.post({}, { headers: odd })).headers.has("x-request-id")).toBe(false);
    expect((await system.get("/instances", { headers: odd })).headers.get("x-request-id")).toMatch(/^[\da-f-]{36}$/);
  });

  it("a request to the api is one log line with its route, not its path", async () => {
    const path = `/waInstance${freshInstance()}/getSettings/some-token`;
    const { status } = await system.get(path, { headers: { "x-request-id": "read-1" } });
    const logLine = await line("api", (seen) => seen["requestId"] === "read-1");
    const route = "/waInstance:idInstance/:method/:apiTokenInstance";
    expect(logLine).toMatchObject({ level: DEBUG, msg: "request", method: "GET", route, status, outcome: "answered" });
  });

  it("a quarantined webhook is a warning with the job's id and the reasons", async () => {
    const instance = freshInstance();
    await system.accept(statusOf(instance, "M1", "teleported"));
    const logLine = await line("worker", ({ quarantineReasons }) => String(quarantineReasons) === "unknown_status");
    expect(logLine).toMatchObject({ level: 40, msg: "webhooks quarantined", webhooks: 1, quarantined: 1 });
    expect(logLines(output("ingest")).map(({ jobId }) => jobId)).toContain(logLine["jobId"]);
  });
});

describe("at the default LOG_LEVEL", () => {
  let system: System;
  beforeAll(async () => {
    system = await startSystem();
  });
  afterAll(async () => system?.stop());

  it("webhooks, refusals and reads log nothing", async () => {
    const instance = freshInstance();
    const before = (["ingest", "worker", "api"] as const).map((app) => logLines(system.output(app)).length);
    for (let i = 0; i < 50; i++) await system.accept(statusOf(instance, `M${i}`, "read"));
    await system.post("{");
    await system.post({}, { token: "wrong" });
    await system.counted(instance);
    await system.get("/metrics/nobody");
    const after = (["ingest", "worker", "api"] as const).map((app) => logLines(system.output(app)).length);
    expect(after).toEqual(before);
    expect(logLines(system.output("ingest")).every(({ level }) => level >= INFO)).toBe(true);
  });

  it("ingest logs an outage once, with the number of refused webhooks", async () => {
    const instance = freshInstance();
    await system.killRedis();
    await until(
      "webhooks are refused",
      async () => (await system.post(statusOf(instance, "M", "read"))).status === 503,
    );
    for (let i = 0; i < 20; i++) expect((await system.post(statusOf(instance, "M", "read"))).status).toBe(503);
    const refused = logLines(system.output("ingest")).filter(({ msg }) => msg.startsWith("webhooks refused"));
    expect(refused.length).toBeGreaterThan(0);
    // At most one line in ten seconds; the machine may be slow.
    expect(refused.length).toBeLessThan(5);
    expect(refused[0]).toMatchObject({ level: 40, times: 1 });
    // Without Redis the worker would use its whole time budget to stop.
    await system.restartRedis();
    await until("the worker is ready again", async () => system.isReady("worker"));
  });
});
