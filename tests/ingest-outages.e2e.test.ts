import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { startSystem, type System } from "./system.ts";
import { expectRefusal } from "./support/refusals.ts";
import { until } from "./support/until.ts";
import { freshInstance, statusOf } from "./support/webhooks.ts";

const STORE_TIMEOUT_MS = 500;
const QUEUE_DEPTH_MAX = 5;

let system: System;
beforeAll(async () => {
  system = await startSystem({
    env: { INGEST_STORE_TIMEOUT_MS: String(STORE_TIMEOUT_MS), INGEST_MAX_QUEUE_DEPTH: String(QUEUE_DEPTH_MAX) },
  });
});
afterAll(async () => system?.stop());

/** Post as the gateway does: repeat until the answer is 200; any other answer must be a 503. */
async function postUntilAccepted(to: System, webhook: object): Promise<void> {
  await until("the webhook is accepted", async () => {
    const answer = await to.post(webhook);
    if (answer.status === 200) return true;
    expectRefusal(answer, 503);
    return false;
  });
}

describe("503 with Retry-After", () => {
  it("is the answer while Redis is down, and 200 again once it is back", async () => {
    const instance = freshInstance();
    await system.killRedis();
    for (let i = 0; i < 5; i++) expectRefusal(await system.post(statusOf(instance, "M", "sent")), 503);
    expect(await system.isReady("ingest")).toBe(false);
    const refused = (await system.prometheus("ingest")).value("ticktally_webhooks_received_total", {
      outcome: "unavailable",
      type: "outgoingMessageStatus",
    });
    expect(refused).toBe(5);
    await system.restartRedis();
    await postUntilAccepted(system, statusOf(instance, "M", "sent"));
    expect(await system.counted(instance)).toMatchObject({ messagesSent: 1, reached: { api: { sent: 1 } } });
    await until("all are ready again", async () => (await system.isReady("ingest")) && system.isReady("worker"));
  });

  it("is the answer to a token that cannot be checked while Redis is down, but not to a missing token", async () => {
    await system.killRedis();
    expectRefusal(await system.post("{}", { token: "perhaps-the-token-of-an-instance" }), 503);
    expectRefusal(await system.post("{}", { token: null }), 401);
    await system.restartRedis();
    await postUntilAccepted(system, statusOf(freshInstance(), "M", "sent"));
  });

  it("is the answer once the queue is full, and accepted webhooks are counted later", async () => {
    const instance = freshInstance();
    // Webhooks of the previous test would occupy the queue.
    await system.drained();
    await system.kill("worker");
    const statuses: number[] = [];
    for (let i = 0; i < QUEUE_DEPTH_MAX; i++)
      statuses.push((await system.post(statusOf(instance, `M${i}`, "sent"))).status);
    expect(statuses).toEqual(statuses.map(() => 200));
    expect(expectRefusal(await system.post(statusOf(instance, "LAST", "sent")), 503)).toBe("queue_full");
    await system.start("worker");
    await postUntilAccepted(system, statusOf(instance, "LAST", "sent"));
    expect((await system.counted(instance)).messagesSent).toBe(QUEUE_DEPTH_MAX + 1);
  });

  it("is the answer in time while Redis is frozen, and repeated webhooks are counted once", async () => {
    const instance = freshInstance();
    const webhooks = Array.from({ length: 30 }, (_, i) => statusOf(instance, `M${i}`, "sent"));
    await system.killRedis("SIGSTOP");
    const startedAt = performance.now();
    const answers = await Promise.all(webhooks.map(async (webhook) => system.post(webhook)));
    const tookMs = performance.now() - startedAt;
    await system.killRedis("SIGCONT");
    for (const answer of answers) expectRefusal(answer, 503);
    expect(tookMs).toBeGreaterThan(STORE_TIMEOUT_MS - 50);
    // Webhooks that arrived while the first batch was waiting are in the second one.
    expect(tookMs).toBeLessThan(2 * STORE_TIMEOUT_MS + 2000);
    for (const webhook of webhooks) await postUntilAccepted(system, webhook);
    expect((await system.counted(instance)).messagesSent).toBe(webhooks.length);
  });
});

describe("a full Redis", () => {
  it("leads to 503 until it has space again: no accepted webhook is lost, and no manual work is needed", async () => {
    const [instance, accepted] = [freshInstance(), QUEUE_DEPTH_MAX];
    await system.acceptInOrder(statusOf(instance, "FIRST", "sent"));
    await system.kill("worker");
    await system.accept(...Array.from({ length: accepted - 1 }, (_, i) => statusOf(instance, `M${i}`, "sent")));
    await system.askRedis("CONFIG", "SET", "maxmemory", "1");
    expectRefusal(await system.post(statusOf(instance, "LAST", "sent")), 503);
    // The worker has a job that it cannot finish now.
    await system.start("worker");
    await until("the worker has noticed the full Redis", () => system.output("worker").includes("OOM"));
    await system.askRedis("CONFIG", "SET", "maxmemory", "0");
    await postUntilAccepted(system, statusOf(instance, "LAST", "sent"));
    expect((await system.counted(instance)).messagesSent).toBe(accepted + 1);
  });

  it("that the queue fills while no worker runs leaves the workers room to count it all, with no help", async () => {
    const instance = freshInstance();
    await system.acceptInOrder(statusOf(instance, "FIRST", "sent"));
    await system.drained();
    await system.kill("worker");
    const [, used] = /used_memory:(\d+)/.exec(await system.askRedis("INFO", "memory")) ?? [];
    const maxBytes = Math.round((Number(used) + 150_000) / 0.9);
    await system.askRedis("CONFIG", "SET", "maxmemory", String(maxBytes));
    let accepted = 0;
    const batch = (n: number) => Array.from({ length: 300 }, (_, i) => statusOf(instance, `B${n}-${i}`, "sent"));
    await until("the queue is refused more", async () => {
      const answer = await system.post(batch(accepted));
      if (answer.status === 200) accepted += 1;
      else expect(expectRefusal(answer, 503)).toBe("queue_full");
      return answer.status === 503;
    });
    expect(accepted).toBeGreaterThan(0);
    await system.start("worker");
    await postUntilAccepted(system, batch(accepted));
    expect((await system.counted(instance)).messagesSent).toBe(1 + 300 * (accepted + 1));
    await system.askRedis("CONFIG", "SET", "maxmemory", "0");
  });

  it("can still be read: REST and Prometheus answer", async () => {
    const instance = freshInstance();
    await system.acceptInOrder(statusOf(instance, "M", "sent"));
    await system.askRedis("CONFIG", "SET", "maxmemory", "1");
    const answers = [await system.get(`/metrics/${instance}`), await system.scrape()];
    await system.askRedis("CONFIG", "SET", "maxmemory", "0");
    expect(answers.map(({ status }) => status)).toEqual([200, 200]);
    expect(answers[1]?.text).toContain("ticktally_redis_up 1");
  });

  it("that fills up during a batch of the worker loses nothing of the batch", async () => {
    const [instance, batchSize] = [freshInstance(), 300];
    const refusedWrites = () => system.output("worker").split("OOM").length;
    const refusedBefore = refusedWrites();
    let accepted = 0;
    await until("Redis is full while the worker has a batch", async () => {
      const ids = Array.from({ length: batchSize }, (_, i) => `M${String(accepted + i)}`);
      await postUntilAccepted(
        system,
        ids.map((id) => statusOf(instance, id, "sent")),
      );
      accepted += batchSize;
      await system.askRedis("CONFIG", "SET", "maxmemory", "1");
      expectRefusal(await system.post(statusOf(instance, "M0", "sent")), 503);
      await system.askRedis("CONFIG", "SET", "maxmemory", "0");
      return refusedWrites() > refusedBefore;
    });
    expect((await system.counted(instance)).messagesSent).toBe(accepted);
  });
});

describe("more webhooks than can be stored", () => {
  it("wait up to a limit: the rest is refused at once, and waiting ones are counted later", async () => {
    // One is being stored, and twenty batches of one are waiting.
    const [posted, taken] = [30, 21];
    await system.kill("ingest");
    // The other settings are the defaults.
    const narrow = { INGEST_BATCH_MAX: "1", INGEST_STORE_TIMEOUT_MS: undefined, INGEST_MAX_QUEUE_DEPTH: undefined };
    await system.start("ingest", narrow);
    const instance = freshInstance();
    await system.killRedis("SIGSTOP");
    const refusals: string[] = [];
    const answers = Array.from({ length: posted }, async (_, i) => {
      const answer = await system.post(statusOf(instance, `M${i}`, "sent"));
      if (answer.status !== 200) refusals.push(expectRefusal(answer, 503));
    });
    await until("the rest is refused", () => refusals.length >= posted - taken);
    await system.killRedis("SIGCONT");
    await Promise.all(answers);
    expect(refusals).toEqual(Array.from({ length: posted - taken }, () => "overloaded"));
    expect((await system.counted(instance)).messagesSent).toBe(taken);
  });
});
