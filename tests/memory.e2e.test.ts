import { readFileSync } from "node:fs";
import { request } from "node:http";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { reconciliationAnswer } from "../packages/schemas/src/index.ts";
import { AppProcess, type App } from "./support/app-process.ts";
import { Administrator, answerBody } from "./support/instances.ts";
import { StubGateway } from "./support/stub-gateway.ts";
import { until } from "./support/until.ts";
import { freshInstance, observation, statusOf } from "./support/webhooks.ts";
import { ACCOUNT_TOKEN, startSystem, WEBHOOK_TOKEN, type System } from "./system.ts";

const MIB = 1024 * 1024;
/** As in docker-compose.yml. */
const CONTAINER_BYTES = 384 * MIB;
/** Node's heap limit in such a container. */
const HEAP_MIB = 192;

const LONG = 5 * MIB - 1_000;
const list = (element: string, bytes: number) => `[${`${element},`.repeat(bytes / (element.length + 1))}${element}]`;
const nested = (bytes: number) => "[".repeat(bytes / 2) + "]".repeat(bytes / 2);
const WEBHOOK = JSON.stringify(statusOf(freshInstance(), "M", "sent"));
const BODIES: Readonly<Record<string, () => string>> = {
  numbers: () => list("1", LONG),
  objects: () => list("{}", LONG),
  nesting: () => nested(LONG),
  fields: () => `{${Array.from({ length: LONG / 16 }, (_, i) => `"field${String(i)}":1`).join()}}`,
  text: () => JSON.stringify({ text: "x".repeat(LONG) }),
  // All elements of a list wait until they are stored, so those of two posts wait together.
  webhooks: () => list(WEBHOOK, LONG),
  "webhooks in texts": () => list(JSON.stringify(WEBHOOK), LONG),
  "webhooks of a few fields": () => list(`{"typeWebhook":"incomingMessageReceived"}`, LONG),
  "a message with nesting": () => {
    const message = JSON.stringify(observation("api", freshInstance(), "M"));
    return `{"x":${nested(LONG - message.length)},${message.slice(1)}`;
  },
};
const AT_ONCE = 12;

let system: System;
let stub: StubGateway;
const processes = new Map<App, AppProcess>();
beforeAll(async () => {
  const runApp = (app: App, env: NodeJS.ProcessEnv, opsOrigin: string) => {
    const made = new AppProcess(app, env, opsOrigin);
    processes.set(app, made);
    return made;
  };
  const env = { NODE_OPTIONS: `--max-old-space-size=${HEAP_MIB}` };
  [system, stub] = await Promise.all([startSystem({ runApp, env }), StubGateway.start()]);
});
afterAll(async () => {
  await system?.stop();
  await stub?.stop();
});

/** The peak memory of a running process; a restart resets it. */
function peakBytes(app: App): number {
  const status = readFileSync(`/proc/${processes.get(app)?.pid ?? 0}/status`, "utf8");
  return Number(/^VmHWM:\s+(\d+) kB$/m.exec(status)?.[1]) * 1024;
}

async function sendAtOnce(url: string, headers: Readonly<Record<string, string>>, body: string) {
  const bytes = Buffer.from(body);
  return Promise.all(Array.from({ length: AT_ONCE }, async () => send(url, headers, bytes)));
}

/** Without `fetch`, which copies such a body several times. */
async function send(url: string, headers: Readonly<Record<string, string>>, bytes: Buffer): Promise<Reply> {
  const sent = { "content-type": "application/json", "content-length": bytes.length, ...headers };
  return new Promise((resolve, reject) => {
    const req = request(url, { method: "POST", headers: sent, agent: false }, (res) => {
      res.resume();
      res.once("close", () => resolve({ status: res.statusCode ?? 0, retryAfter: res.headers["retry-after"] }));
    });
    req.once("error", reject);
    req.end(bytes);
  });
}

interface Reply {
  readonly status: number;
  readonly retryAfter: string | undefined;
}

describe.runIf(process.platform === "linux")("in a container of 384 MiB", () => {
  it.each(Object.entries(BODIES))("ingest and worker can process many bodies of 5 MiB with %s", async (_, body) => {
    const url = `http://127.0.0.1:${system.ingestPort}/webhooks/green-api`;
    for (const { status, retryAfter } of await sendAtOnce(url, { authorization: WEBHOOK_TOKEN }, body()))
      expect([status, retryAfter !== undefined]).toEqual(status === 503 ? [503, true] : [200, false]);
    await system.accept(statusOf(freshInstance(), "M", "sent"));
    await system.drained();
    for (const app of ["ingest", "worker"] as const) expect(peakBytes(app), app).toBeLessThan(CONTAINER_BYTES);
  });

  it("the worker can read journals of 60 MB", async () => {
    const instances = Array.from({ length: 4 }, () => freshInstance());
    const administrator = new Administrator(system);
    const upstream = { apiUrl: stub.url, apiTokenInstance: "gateway-token", reconcileEveryMinutes: 60 };
    for (const instance of instances) {
      stub.of(instance).misbehaviour = "60 MB";
      await administrator.create({ idInstance: instance, settings: { upstream } });
    }
    for (const instance of instances) {
      const lastRun = await until(
        "a journal was read",
        async () =>
          answerBody(reconciliationAnswer, await system.get(`/instances/${instance}/reconcile`)).lastRun ?? undefined,
        50_000,
      );
      expect(lastRun).toMatchObject({ outcome: "ok", checked: 0, skipped: 20_002 });
    }
    expect(peakBytes("worker")).toBeLessThan(CONTAINER_BYTES);
  });

  it.each(["numbers", "objects", "nesting", "text"])(
    "the api can process many uploads of %s, and large lists",
    async (kind) => {
      const instance = freshInstance();
      await new Administrator(system).create({ idInstance: instance });
      const url = `${system.apiOrigin}/instances/${instance}/reconcile`;
      const answers = await sendAtOnce(url, { token: ACCOUNT_TOKEN }, BODIES[kind]?.() ?? "");
      for (const { status } of answers) expect([202, 413]).toContain(status);
      expect((await system.get("/quarantine?limit=1000")).status).toBe(200);
      expect(peakBytes("api")).toBeLessThan(CONTAINER_BYTES);
    },
  );
});
