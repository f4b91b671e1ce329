import type { Reconciliation, ReconcileJob } from "@ticktally/schemas";
import { createLogger, createRegistry } from "@ticktally/telemetry";
import { once } from "node:events";
import { createServer } from "node:http";
import { Agent } from "undici";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { GatewayMetrics } from "./gateway-metrics.ts";
import type { ManyRecipients } from "./journal-comparison.ts";
import { Reconciler } from "./reconciler.ts";

const NOW = 1_700_000_000_000;
// Port 0 accepts no connection.
const UPSTREAM = { apiUrl: "http://127.0.0.1:0", apiTokenInstance: "x", pull: false, reconcileEveryMinutes: 60 };
const STORY: ManyRecipients = {
  entry: {
    direction: "outgoing",
    idMessage: "S",
    at: NOW / 1_000,
    chatId: "status@broadcast",
    chatKind: "status",
    kept: {},
  },
  record: undefined,
  wasKnown: true,
};

function reconciler({
  apiUrl = UPSTREAM.apiUrl,
  stories = 0,
  requestMs = 0,
  instances = ["1"],
  add = async (_: ReconcileJob) => Promise.resolve(),
} = {}) {
  const upstream = { ...UPSTREAM, apiUrl };
  const time = { nowMs: NOW };
  const runs = new Map<string, Reconciliation>();
  const fed: number[] = [];
  const made = new Reconciler({
    upstreams: {
      upstreams: async () => Promise.resolve(new Map(instances.map((instance) => [instance, upstream]))),
      upstream: async () => Promise.resolve(upstream),
      setUpstream: async () => Promise.resolve(),
    },
    runs: {
      last: async (instance) => Promise.resolve(runs.get(instance)),
      all: async () => Promise.resolve(runs),
      put: async (instance, run) => {
        runs.set(instance, run);
        return Promise.resolve();
      },
    },
    jobs: { add },
    agent: new Agent(),
    pace: {
      turn: async () => {
        time.nowMs += requestMs;
        return Promise.resolve();
      },
    },
    comparison: {
      feed: async (_, entries) => {
        fed.push(entries.length);
        return Promise.resolve(fed.length === 1 ? Array.from({ length: stories }, () => STORY) : []);
      },
      feedRecipients: async () => Promise.resolve(),
    },
    metrics: new GatewayMetrics(createRegistry()),
    logger: createLogger("test", "silent"),
    signal: new AbortController().signal,
    now: () => time.nowMs,
  });
  return { made, runs, fed };
}

describe("the check of which instances are due", () => {
  it("queues the others if one cannot be queued, and reports that one", async () => {
    const queued: string[] = [];
    const refusal = new Error("refused");
    const { made } = reconciler({
      instances: ["1", "2", "3"],
      add: async (job) => {
        if (job.kind !== "look" || job.instance === "2") throw refusal;
        queued.push(job.instance);
        return Promise.resolve();
      },
    });
    await expect(made.process({ v: 1, kind: "tick" }, 1)).rejects.toBe(refusal);
    expect(queued).toEqual(["1", "3"]);
  });
});

describe("a reconciliation during which workers ended", () => {
  const look = { v: 1, kind: "look", instance: "1", source: "schedule" } as const;
  const file: ReconcileJob = { v: 1, kind: "file", instance: "1", entries: [], unread: 0 };

  it("is tried a second time, then given up until its next scheduled time", async () => {
    const { made, runs } = reconciler();
    for (const starts of [1, 2]) {
      await made.process(look, starts);
      expect(runs.get("1")).toMatchObject({ outcome: "unavailable", failures: starts });
    }
    await made.process(look, 3);
    expect(runs.get("1")).toMatchObject({ outcome: "failed", failures: 3, nextAtMs: NOW + 40_000 });
    expect(runs.get("1")?.error).toContain("given up");
  });

  it("is given up if it was an upload", async () => {
    const { made, runs, fed } = reconciler();
    await made.process(file, 2);
    await made.process(file, 3);
    expect([fed.length, runs.get("1")?.outcome]).toEqual([1, "failed"]);
  });
});

describe("a gateway that is slow with each answer", () => {
  let asked = 0;
  const server = createServer((_, res) => {
    asked += 1;
    res.end("[]");
  });
  beforeAll(async () => {
    server.listen(0, "127.0.0.1");
    await once(server, "listening");
  });
  afterAll(() => {
    server.close();
  });

  it("gets requests for at most 15 minutes, and the remaining ones are reported as skipped", async () => {
    const address = server.address();
    const port = typeof address === "object" ? (address?.port ?? 0) : 0;
    const apiUrl = `http://127.0.0.1:${String(port)}`;
    const { made, runs } = reconciler({ apiUrl, stories: 500, requestMs: 20_000 });
    await made.process({ v: 1, kind: "look", instance: "1", source: "schedule" }, 1);
    // Two journals and 43 stories take 15 minutes.
    expect(asked).toBe(45);
    expect(runs.get("1")).toMatchObject({ outcome: "ok", skipped: 457 });
  });
});

describe("one journal that cannot be read", () => {
  const ENTRY = {
    type: "incoming",
    idMessage: "M",
    timestamp: NOW / 1_000,
    typeMessage: "textMessage",
    chatId: "7@c.us",
  };
  const answers = new Map<string, { readonly status: number; readonly text: string }>();
  const server = createServer((req, res) => {
    const [, method = ""] = /^\/waInstance1\/(\w+)\//.exec(req.url ?? "") ?? [];
    const { status, text } = answers.get(method) ?? { status: 200, text: JSON.stringify([ENTRY, ENTRY]) };
    res.writeHead(status).end(text);
  });
  beforeAll(async () => {
    server.listen(0, "127.0.0.1");
    await once(server, "listening");
  });
  afterAll(() => {
    server.close();
  });

  async function look(method: string, status: number, text: string) {
    const address = server.address();
    const port = typeof address === "object" ? (address?.port ?? 0) : 0;
    answers.clear();
    answers.set(method, { status, text });
    const { made, runs, fed } = reconciler({ apiUrl: `http://127.0.0.1:${String(port)}` });
    await made.process({ v: 1, kind: "look", instance: "1", source: "schedule" }, 1);
    return { fed, run: runs.get("1") };
  }

  it.each([
    ["lastOutgoingMessages", 200, "<html>", "unreadable"],
    ["lastOutgoingMessages", 200, '{"status":false}', "unreadable"],
    ["lastOutgoingMessages", 200, '[{"idMess', "unreadable"],
    ["lastOutgoingMessages", 400, "", "failed"],
    ["lastIncomingMessages", 200, "<html>", "unreadable"],
  ])("does not keep the other one from being read: %s answers %i %s", async (method, status, text, outcome) => {
    const { fed, run } = await look(method, status, text);
    expect(fed).toEqual([2]);
    expect(run).toMatchObject({ outcome, failures: 1 });
    expect(run?.error).toContain(method);
    // The same period is reconciled again.
    expect(run?.lookedUntilMs).toBeUndefined();
  });

  it.each([
    [401, "refused"],
    [429, "limited"],
    [503, "unavailable"],
  ])("ends the run if the status is about the whole gateway: %i", async (status, outcome) => {
    const { fed, run } = await look("lastOutgoingMessages", status, "");
    expect([fed, run?.outcome]).toEqual([[], outcome]);
  });
});
