import { once } from "node:events";
import { createServer, type Socket } from "node:net";
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from "vitest";
import { AppProcess } from "./support/app-process.ts";
import { freePort } from "./support/free-port.ts";
import { OtlpReceiver, type ReceivedSpan } from "./support/otlp-receiver.ts";
import { logLines } from "./support/log-lines.ts";
import { until } from "./support/until.ts";
import { freshInstance, observation, statusOf } from "./support/webhooks.ts";
import { startSystem, WEBHOOK_TOKEN, type System } from "./system.ts";

const TRACE = "4bf92f3577b34da6a3ce929d0e0e4736";
const SENDER = "00f067aa0ba902b7";
const COMPLETE = "complete webhooks";
const POST = "POST /webhooks/green-api";

let receiver: OtlpReceiver;
let collectorPort: number;
let system: System;
beforeAll(async () => {
  receiver = await OtlpReceiver.start();
  collectorPort = Number(new URL(receiver.url).port);
  // Spans are exported at once, so that the test does not wait five seconds for them.
  const env = { OTEL_EXPORTER_OTLP_ENDPOINT: receiver.url, OTEL_BSP_SCHEDULE_DELAY: "50" };
  system = await startSystem({ env });
});
afterAll(async () => {
  await system?.stop();
  await receiver?.stop();
});

async function spansOf(traceId: string, count: number): Promise<readonly ReceivedSpan[]> {
  return until(`${String(count)} spans are received`, () => {
    const spans = receiver.spans.filter((span) => span.traceId === traceId);
    return spans.length >= count && spans;
  });
}

describe("tracing", () => {
  it("one trace covers the sender, the POST, the batch, the queue and the worker", async () => {
    const headers = { traceparent: `00-${TRACE}-${SENDER}-01` };
    expect((await system.post(observation("api", freshInstance(), "M1"), { headers })).status).toBe(200);
    // BullMQ also has a span for the completion of the job, which is not part of this chain.
    const spans = (await spansOf(TRACE, 6)).filter(({ name }) => name !== COMPLETE);
    const chain: string[] = [];
    for (let parent: string | undefined = SENDER; parent !== undefined;) {
      const child: ReceivedSpan | undefined = spans.find(({ parentSpanId }) => parentSpanId === parent);
      if (child !== undefined) chain.push(`${child.service}: ${child.name}`);
      parent = child?.spanId;
    }
    expect(chain).toEqual([
      `ticktally-ingest: ${POST}`,
      "ticktally-ingest: store batch",
      "ticktally-ingest: add webhooks.batch",
      "ticktally-worker: process webhooks",
      "ticktally-worker: apply batch",
    ]);
    for (const { startTimeUnixNano, endTimeUnixNano } of spans)
      expect(BigInt(endTimeUnixNano)).toBeGreaterThanOrEqual(BigInt(startTimeUnixNano));
  });

  it("each webhook is linked with its batch, and the batch with each webhook", async () => {
    const instance = freshInstance();
    await Promise.all(Array.from({ length: 40 }, async (_, i) => system.accept(statusOf(instance, `M${i}`, "read"))));
    const [batch] = await until("a batch of several webhooks is received", () => {
      const batches = receiver.spans.filter(({ name, links }) => name === "store batch" && links.length > 0);
      return batches.length > 0 && batches;
    });
    for (const { traceId, spanId } of batch?.links ?? []) {
      const post = await until("the span of the POST is received", () =>
        receiver.spans.find((span) => span.spanId === spanId),
      );
      expect([post.name, post.traceId]).toEqual([POST, traceId]);
      expect(post.links.map((link) => link.spanId)).toEqual([batch?.spanId]);
    }
    expect((await spansOf(batch?.traceId ?? "", 6)).map(({ name }) => name)).toContain("apply batch");
  });

  it("a request that the sender does not trace is not traced", async () => {
    const trace = "5bf92f3577b34da6a3ce929d0e0e4736";
    await system.post(statusOf(freshInstance(), "M", "read"), { headers: { traceparent: `00-${trace}-${SENDER}-00` } });
    await system.drained();
    const next = "6bf92f3577b34da6a3ce929d0e0e4736";
    await system.post(statusOf(freshInstance(), "M", "read"), { headers: { traceparent: `00-${next}-${SENDER}-01` } });
    await spansOf(next, 6);
    expect(receiver.spans.filter(({ traceId }) => traceId === trace)).toEqual([]);
  });

  it("there are only spans of webhooks, without chats, texts and tokens", () => {
    const known = new Set([POST, "store batch", "add webhooks.batch", "process webhooks", "apply batch", COMPLETE]);
    expect([...new Set(receiver.spans.map(({ name }) => name))].filter((name) => !known.has(name))).toEqual([]);
    const secrets = ["79001234567", "79876543210", "hello", "John", WEBHOOK_TOKEN];
    expect(secrets.filter((secret) => receiver.text.includes(secret))).toEqual([]);
  });

  it("an unreachable collector loses no webhook, and is logged once", { timeout: 60_000 }, async () => {
    await receiver.stop();
    const instance = freshInstance();
    for (let i = 0; i < 10; i++) await system.accept(statusOf(instance, `M${i}`, "read"));
    expect((await system.counted(instance)).messagesSent).toBe(10);
    const warnings = () =>
      logLines(system.output("ingest")).filter(({ msg }) => msg.startsWith("traces cannot be exported"));
    await until("a warning is logged", () => warnings().length > 0);
    expect(warnings()[0]).toMatchObject({ level: 40 });
  });
});

describe("a wrong OTEL_EXPORTER_OTLP_ENDPOINT", () => {
  it("that is not a URL keeps a process from starting, and is named in the error", async () => {
    const port = String(await freePort());
    const env = { ...system.environment, WORKER_OPS_PORT: port, OTEL_EXPORTER_OTLP_ENDPOINT: "http://[::1" };
    const worker = new AppProcess("worker", env, `http://127.0.0.1:${port}`);
    await expect(worker.start()).rejects.toThrow(/OTEL_EXPORTER_OTLP_ENDPOINT must be an address such as/);
    expect(worker.output).toMatch(/\[ended: exit code 78\]\n$/);
  });

  it("that never answers loses no webhook, and does not delay the shutdown", async () => {
    const silent = createServer();
    const sockets: Socket[] = [];
    // In place of the collector, which the previous tests have stopped.
    silent.on("connection", (socket) => sockets.push(socket)).listen(collectorPort, "127.0.0.1");
    await once(silent, "listening");
    onTestFinished(() => {
      for (const socket of sockets) socket.destroy();
      silent.close();
    });
    const instance = freshInstance();
    for (let i = 0; i < 10; i++) await system.accept(statusOf(instance, `M${i}`, "read"));
    expect((await system.counted(instance)).messagesSent).toBe(10);
    await until("both have sent a request", () => sockets.length > 1);
    await Promise.all(
      (["ingest", "worker"] as const).map(async (app) => {
        await system.kill(app);
        expect(system.output(app)).toMatch(/"msg":"stopped"\}\n\[ended: exit code 0\]\n$/);
      }),
    );
  });
});
