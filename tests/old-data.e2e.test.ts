import { Redis } from "ioredis";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { AppProcess } from "./support/app-process.ts";
import { freePort } from "./support/free-port.ts";
import { oldRedis, stopAll } from "./support/old-data.ts";
import { until } from "./support/until.ts";
import { upgrading } from "./support/upgrade-tool.ts";

describe("data of version 0.1", () => {
  let own: Awaited<ReturnType<typeof oldRedis>>;
  beforeAll(async () => {
    own = await oldRedis();
  });
  afterAll(stopAll);

  const dump = async () => {
    const names = (await own.client.keys("ticktally:{7103*")).toSorted();
    return Promise.all(names.map(async (name) => [name, (await own.client.dumpBuffer(name))?.toString("base64")]));
  };

  it.concurrent.each(["ingest", "worker", "api"] as const)(
    "keeps %s from becoming ready: it names the upgrade and changes nothing",
    async (app) => {
      const was = await dump();
      const [port, ops] = [await freePort(), await freePort()];
      const env = {
        REDIS_URL: own.redis.url,
        HOST: "127.0.0.1",
        TICKTALLY_ACCOUNT_TOKEN: "account-token-of-the-tests",
        TICKTALLY_WEBHOOK_TOKEN: "webhook-token-of-the-tests",
        INGEST_PORT: String(port),
        API_PORT: String(port),
        [`${app.toUpperCase()}_OPS_PORT`]: String(ops),
      };
      const process_ = new AppProcess(app, env, `http://127.0.0.1:${String(ops)}`);
      const start = process_.start().catch(() => undefined);
      const ready = await until("it answers", async () => {
        const answer = await fetch(`http://127.0.0.1:${String(ops)}/readyz`).catch(() => undefined);
        const text = await answer?.text();
        return answer?.status === 503 && text?.includes("npm run upgrade") === true ? answer : undefined;
      });
      expect(ready.status).toBe(503);
      if (app === "ingest") {
        const body = JSON.stringify({ typeWebhook: "outgoingMessageStatus", instanceData: { idInstance: 7103000001 } });
        const headers = { "content-type": "application/json", authorization: "Bearer webhook-token-of-the-tests" };
        const answer = await fetch(`http://127.0.0.1:${String(port)}/webhooks/green-api`, {
          method: "POST",
          headers,
          body,
        });
        expect(answer.status).toBe(503);
      }
      if (app === "api") {
        const headers = { token: "account-token-of-the-tests" };
        expect((await fetch(`http://127.0.0.1:${String(port)}/metrics/7103000001`, { headers })).status).toBe(503);
      }
      await process_.kill("SIGKILL");
      await start;
      expect(process_.output).toContain("npm run upgrade");
      expect(await dump()).toEqual(was);
    },
  );

  it("is not upgraded while other programs are connected, unless an option allows it", async () => {
    const other = new Redis(own.redis.url);
    await other.ping();
    const refused = await upgrading(own.redis.url).ended;
    expect(refused).toMatchObject({ exitCode: 1, output: expect.stringContaining("--others") as string });
    other.disconnect();
  });
});
