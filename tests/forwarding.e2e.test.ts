import { afterAll, beforeAll, describe, expect, it, onTestFinished, vi } from "vitest";
import { deadAnswer, targetAnswer, targetsAnswer, targetTestAnswer } from "../packages/schemas/src/index.ts";
import { giveToken, expectRefusal } from "./support/refusals.ts";
import { answerBody } from "./support/instances.ts";
import { answering, ok, TargetReceiver } from "./support/target-receiver.ts";
import { until } from "./support/until.ts";
import { VendorReceiver } from "./support/vendor-receiver.ts";
import { freshInstance, observation, statusOf } from "./support/webhooks.ts";
import { ACCOUNT_TOKEN, startSystem, WEBHOOK_TOKEN, type System } from "./system.ts";

const OWN_TOKEN = "Bearer the-bots-own-token";

let system: System;
beforeAll(async () => {
  vi.spyOn(console, "log").mockImplementation(() => undefined);
  system = await startSystem({
    forwards: true,
    durability: "durable",
    env: { FORWARD_PAUSE_MS: "300", PUBLIC_URL: "https://ticktally.example.com" },
  });
});
afterAll(async () => system?.stop());

let targetsMade = 0;
async function target(url: string, instance: string, more: object = {}): Promise<string> {
  targetsMade += 1;
  const name = `bot-${targetsMade}`;
  const asked = { name, url, mode: "relay", authorization: OWN_TOKEN, instances: [instance], ...more };
  const answer = await system.send("POST", "/targets", asked);
  expect(answer.status, answer.text).toBe(201);
  return name;
}

async function receiver(): Promise<TargetReceiver> {
  const started = await TargetReceiver.start();
  onTestFinished(async () => started.stop());
  return started;
}

const view = async (name: string) => answerBody(targetAnswer, await system.get(`/targets/${name}`)).target;

function conversation(instance: string, from: number, count: number): object[] {
  const ids = Array.from({ length: count }, (_, i) => `M${from + i}`);
  return ids.flatMap((id) => [observation("incoming", instance, `${id}-in`), statusOf(instance, id, "delivered")]);
}

const expectedOf = (from: number, count: number) =>
  Array.from({ length: count }, (_, i) => [`M${from + i}-in received`, `M${from + i} delivered`]).flat();

describe("a relay", () => {
  it("sends the vendor's own receiver each webhook once, in order, with its own token, also after an outage", async () => {
    const instance = freshInstance();
    const bot = await VendorReceiver.start(OWN_TOKEN);
    onTestFinished(async () => bot.stop());
    const name = await target(bot.url, instance);
    await system.accept(...conversation(instance, 0, 20));
    await until("the bot has them", () => bot.taken.length === 40);

    const { port } = bot;
    await bot.stop();
    await system.accept(...conversation(instance, 20, 10));
    await until("a request has failed", async () => (await view(name)).lastStatus === "refused");
    // Counting does not wait for the receiver.
    expect((await system.counted(instance)).messagesSent).toBe(30);
    await bot.restart(port);
    await until("the bot has the rest", () => bot.taken.length === 60);
    expect(bot.taken).toEqual(expectedOf(0, 30));
    expect(bot.unauthorized).toBe(0);
    await until("the lanes are empty", async () => (await view(name)).depth === 0);
    expect(await view(name)).toMatchObject({ state: "active", lastStatus: "200", dead: 0, dropped: 0, oldestAt: null });
  });

  it("sends the received bytes unchanged, and none of our tokens", async () => {
    const [instance, bot] = [freshInstance(), await receiver()];
    await target(bot.url, instance);
    const odd = JSON.stringify(observation("incoming", instance, "ODD"), undefined, 3).replace(
      "hello",
      "h\\u00e9llo/\\/",
    );
    await system.accept(odd);
    await until("it is received", () => bot.posts.length === 1);
    expect(bot.bodies).toEqual([odd]);
    expect(bot.posts[0]?.headers).toMatchObject({ authorization: OWN_TOKEN, "content-type": "application/json" });
    expect(JSON.stringify(bot.posts)).not.toContain(WEBHOOK_TOKEN);
    for (const app of ["ingest", "api", "forwarder"] as const) expect(system.output(app)).not.toContain(OWN_TOKEN);
  });

  it("stores no text in Redis unencrypted", async () => {
    const [instance, bot] = [freshInstance(), await receiver()];
    const name = await target(bot.url, instance);
    await system.send("POST", `/targets/${name}/pause`);
    const secret = "nobody else may read this";
    await system.accept(
      observation("incoming", instance, "SECRET", {
        typeMessage: "textMessage",
        textMessageData: { textMessage: secret },
      }),
    );
    expect((await view(name)).depth).toBe(1);
    const keys = (await system.askRedis("KEYS", "ticktally:{forward}:*")).match(/ticktally:\S+/g) ?? [];
    const stored = await Promise.all(keys.map(async (key) => system.askRedis("DUMP", key)));
    expect(stored.join("")).not.toContain(secret);
    expect(stored.join("")).not.toContain(OWN_TOKEN);
    await system.send("POST", `/targets/${name}/resume`);
    await until("it is received", () => bot.posts.length === 1);
    expect(bot.bodies[0]).toContain(secret);
  });

  it("sends only webhooks that match its filter", async () => {
    const [instance, bot] = [freshInstance(), await receiver()];
    await target(bot.url, instance, { filter: { directions: ["incoming"] } });
    const [incoming, failures] = [await receiver(), await receiver()];
    await target(incoming.url, instance, { filter: { types: ["incomingMessageReceived"] } });
    await target(failures.url, instance, { filter: { statuses: ["failed", "noAccount"] } });
    await system.accept(
      observation("incoming", instance, "IN"),
      observation("api", instance, "OUT"),
      statusOf(instance, "OUT", "read"),
    );
    await system.accept(statusOf(instance, "OUT2", "noAccount"));
    await until("all are received", () => bot.posts.length + incoming.posts.length + failures.posts.length === 3);
    expect(JSON.parse(bot.bodies[0] ?? "")).toMatchObject({ idMessage: "IN" });
    expect(incoming.bodies).toEqual(bot.bodies);
    expect(JSON.parse(failures.bodies[0] ?? "")).toMatchObject({ status: "noAccount" });
  });

  it("retries at once on request, and can be tested without a webhook", async () => {
    const [instance, bot] = [freshInstance(), await receiver()];
    await system.kill("forwarder");
    await system.start("forwarder", { FORWARD_PAUSE_MS: "600000" });
    onTestFinished(async () => {
      await system.kill("forwarder");
      await system.start("forwarder");
    });
    const name = await target(bot.url, instance);
    bot.behaviour = answering(503);
    await system.accept(observation("incoming", instance, "A"));
    await until("a request has failed with 503", async () => (await view(name)).lastStatus === "503");
    expect(answerBody(targetTestAnswer, await system.send("POST", `/targets/${name}/test`)).test).toMatchObject({
      ok: false,
      status: "503",
    });
    bot.behaviour = ok;
    expect(answerBody(targetTestAnswer, await system.send("POST", `/targets/${name}/test`)).test.ok).toBe(true);
    expect((await view(name)).depth).toBe(1);
    await until("it is retried", async () => {
      const { text } = await system.send("POST", `/targets/${name}/retry`);
      return text.includes('"lanes":1') || (await view(name)).depth === 0;
    });
    await until("it is received", async () => (await view(name)).depth === 0);
    expect((await view(name)).attempts?.map(({ status }) => status)).toEqual(["200", "503"]);
  });

  it("that forwards to Ticktally itself is refused by ingest", async () => {
    const instance = freshInstance();
    const own = `http://127.0.0.1:${system.ingestPort}/webhooks/green-api`;
    const name = await target(own, instance, { authorization: WEBHOOK_TOKEN });
    await system.accept(observation("incoming", instance, "LOOP"));
    await until("ingest has refused it", async () => (await view(name)).lastStatus === "400");
    expect((await view(name)).depth).toBe(1);
    expect((await system.send("DELETE", `/targets/${name}`)).status).toBe(200);
  });

  it("loses nothing and keeps the order when the forwarder is killed during a request, and then Redis", async () => {
    const [instance, bot] = [freshInstance(), await receiver()];
    const name = await target(bot.url, instance);
    let held: (() => void) | undefined;
    bot.behaviour = (_, res) => (held = () => void res.writeHead(200).end());
    await system.accept(...Array.from({ length: 20 }, (_, i) => observation("incoming", instance, `K${i}`)));
    await until("the first request is in progress", () => held !== undefined);
    await system.kill("forwarder", "SIGKILL");
    await system.killRedis();
    await system.restartRedis();
    bot.behaviour = ok;
    await system.start("forwarder");
    await until("all are received", async () => (await view(name)).depth === 0, 60_000);
    const ids = bot.bodies.map((body) => (JSON.parse(body) as { idMessage: string }).idMessage);
    expect(ids.filter((id, i) => id !== ids[i - 1])).toEqual(Array.from({ length: 20 }, (_, i) => `K${i}`));
    expect(bot.posts[0]?.headers["webhook-id"]).toBe(bot.posts[1]?.headers["webhook-id"]);
  });
});

describe("targets", () => {
  it("are available to the account, have unique names, and refuse invalid settings", async () => {
    const instance = freshInstance();
    const bot = await receiver();
    const name = await target(bot.url, instance);
    const token = await giveToken(system, instance);
    for (const path of ["/targets", `/targets/${name}`, `/targets/${name}/dead`])
      expectRefusal(await system.get(path, { token }), 403);
    const create = async (change: object) =>
      system.send("POST", "/targets", { name: "other", url: bot.url, mode: "relay", ...change });
    expectRefusal(await create({ name }), 409);
    for (const url of [
      "http://169.254.169.254/",
      "http://10.0.0.1/",
      "ftp://example.com",
      "http://user:pw@example.com",
      "http://example.com:0/",
      "http://2852039166/",
      "http://[::ffff:10.0.0.1]/",
      "https://ticktally.example.com/webhooks/green-api",
      system.apiOrigin,
      system.redisUrl.replace(/^redis:.*@/, "http://"),
    ])
      expectRefusal(await create({ url }), 400);
    expectRefusal(await create({ authorization: "a\r\nb: c" }), 400);
    expectRefusal(await create({ instances: ["nobody"] }), 404);
    expectRefusal(await system.get("/targets/nobody"), 404);
    const changed = await system.send("PATCH", `/targets/${name}`, { url: "https://example.com/bot", filter: null });
    expect(answerBody(targetAnswer, changed).target).toMatchObject({ url: "https://example.com/bot", filter: null });
    expect(answerBody(targetsAnswer, await system.get("/targets")).targets.map((one) => one.name)).toContain(name);
    expect(answerBody(deadAnswer, await system.get(`/targets/${name}/dead`)).dead).toEqual([]);
    expect((await system.send("DELETE", `/targets/${name}/dead`)).text).toContain('"discarded":0');
    expect((await system.send("DELETE", `/targets/${name}`)).status).toBe(200);
    expectRefusal(await system.send("DELETE", `/targets/${name}`), 404);
  });

  it("cannot be created without a key, and the error says what to do", async () => {
    await system.kill("api");
    onTestFinished(async () => {
      await system.kill("api");
      await system.start("api");
    });
    await system.start("api", { FORWARD_KEY: "" });
    const asked = { name: "keyless", url: "https://example.com", mode: "relay" };
    const refusal = await system.send("POST", "/targets", asked);
    expectRefusal(refusal, 409);
    expect(refusal.text).toContain("FORWARD_KEY");
  });

  it("lose the waiting webhooks of a deleted instance", async () => {
    const [instance, bot] = [freshInstance(), await receiver()];
    const name = await target(bot.url, instance);
    await system.send("POST", `/targets/${name}/pause`);
    await system.accept(observation("incoming", instance, "A"));
    await system.drained();
    expect((await view(name)).depth).toBe(1);
    expect((await system.send("DELETE", `/instances/${instance}`, undefined, { token: ACCOUNT_TOKEN })).status).toBe(
      200,
    );
    expect((await view(name)).depth).toBe(0);
  });
});
