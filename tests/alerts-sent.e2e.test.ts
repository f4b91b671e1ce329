import { Webhook } from "standardwebhooks";
import { afterAll, beforeAll, expect, it } from "vitest";
import { Keys } from "../packages/redis/src/index.ts";
import { targetSecretAnswer } from "../packages/schemas/src/index.ts";
import { AppProcess } from "./support/app-process.ts";
import { freePort } from "./support/free-port.ts";
import { answerBody } from "./support/instances.ts";
import { AdjustableClock } from "./support/adjustable-clock.ts";
import { TargetReceiver } from "./support/target-receiver.ts";
import { until } from "./support/until.ts";
import { failureOf, freshInstance, observation, statusOf } from "./support/webhooks.ts";
import { startSystem, type System } from "./system.ts";

const MINUTE_MS = 60_000;
const DAY_MS = 86_400_000;
/** Longer than the first part of the test, so that the day ends in the middle of it. */
const BEFORE_MIDNIGHT_MS = 30 * MINUTE_MS;
const INSTANCE = freshInstance();
const ALERTING = new Keys().alerting;

let system: System;
let clock: AdjustableClock;
let [signed, chat] = [] as unknown as [TargetReceiver, TargetReceiver];
let secret = "";
/** All webhooks are of this UTC day. */
const today = Math.floor(Date.now() / DAY_MS);
const day = new Date(today * DAY_MS).toISOString().slice(0, 10);
const timestamp = Math.floor(Date.now() / 1000);

beforeAll(async () => {
  // An api evaluates the alerts six times a minute; here a minute ends once that is done.
  clock = await AdjustableClock.start({ intervals: 100 });
  await clock.moveTo((today + 1) * DAY_MS - BEFORE_MIDNIGHT_MS);
  [system, signed, chat] = await Promise.all([
    startSystem({
      forwards: true,
      runApp: (app, env, opsOrigin) => new AppProcess(app, app === "api" ? { ...env, ...watching() } : env, opsOrigin),
    }),
    TargetReceiver.start(),
    TargetReceiver.start(),
  ]);
  const asked = { mode: "events", filter: { events: ["alert", "digest"] } };
  const create = async (more: object) =>
    answerBody(targetSecretAnswer, await system.send("POST", "/targets", { ...asked, ...more }), 201);
  secret = (await create({ name: "signed", url: signed.url })).secret ?? "";
  await create({ name: "chat", url: chat.url, format: "text" });
}, 60_000);
afterAll(async () => {
  await Promise.all([system?.stop(), signed?.stop(), chat?.stop()]);
  await clock?.remove();
});

const watching = (): NodeJS.ProcessEnv => ({ ...clock.env, ALERTS: "on" });

/** Let minutes pass, each with an evaluation. */
async function pass(minutes: number): Promise<void> {
  for (let i = 0; i < minutes; i++) {
    await clock.moveTo(clock.now() + MINUTE_MS);
    const minute = Math.floor(clock.now() / MINUTE_MS);
    await until("the minute is evaluated and its events are sent", async () => {
      const replies = await system.askRedis("GET", `${ALERTING}round`);
      const unsent = await system.askRedis("EXISTS", `${ALERTING}events`);
      return Number(/^\d+$/m.exec(replies)?.[0]) >= minute && unsent.includes(":0");
    });
  }
}

/** Delete the leader's lease, as Redis would do after a minute and a half. */
async function endLease(): Promise<void> {
  await system.askRedis("DEL", `${ALERTING}lease`);
}

/** The events, after a check of their signatures. */
const reported = () =>
  signed.posts.map(({ body, headers }) => new Webhook(secret).verify(body, headers as Record<string, string>));
const chatTexts = () => chat.bodies.map((body) => (JSON.parse(body) as { text: string }).text);

it("an alert is sent once when it begins and once when it ends, and a digest once a day, with several apis", async () => {
  const port = String(await freePort());
  const other = { ...system.environment, ...watching(), API_PORT: String(await freePort()), API_OPS_PORT: port };
  const second = new AppProcess("api", other, `http://127.0.0.1:${port}`);
  await pass(1);
  await second.start();
  try {
    await system.accept(
      ...Array.from({ length: 20 }, (_, i) => observation("api", INSTANCE, `M${i}`, undefined, { timestamp })),
      ...Array.from({ length: 20 }, (_, i) => statusOf(INSTANCE, `M${i}`, "read", { timestamp })),
    );
    await system.drained();
    await pass(3);
    expect(signed.posts).toEqual([]);
    await system.accept(
      ...Array.from({ length: 15 }, (_, i) => failureOf(INSTANCE, `F${i}`, "Uploader Error", { timestamp })),
    );
    await system.drained();
    await pass(3);
    await until("the alert is reported", () => signed.posts.length > 0 && chat.posts.length > 0);
    const alert = { alert: "TicktallyFailureSpike", of: INSTANCE, severity: "critical" };
    expect(reported()).toMatchObject([{ type: "alert", data: { ...alert, phase: "begins" } }]);
    expect(chatTexts()).toMatchObject([
      expect.stringMatching(/^\[critical\] Messages of \d+ are failing\. .*% .*http/),
    ]);

    // The leader is killed while the alert fires: another api takes over and repeats nothing.
    await system.kill("api", "SIGKILL");
    await endLease();
    await pass(14);
    await until("the end of the alert is reported", () => signed.posts.length > 1 && chat.posts.length > 1);
    expect(reported().slice(1)).toMatchObject([{ type: "alert", data: { ...alert, phase: "ends" } }]);

    await pass(9);
    await until("the digest is sent", () => signed.posts.length > 2 && chat.posts.length > 2);
    const counts = { received: 0, sent: 20, delivered: 20, read: 20, failed: 15 };
    expect(reported().slice(2)).toMatchObject([{ type: "digest", data: { day, counts } }]);
    expect(chatTexts().at(-1)).toBe(`${day}: 0 received, 20 sent, 20 delivered, 20 read, 15 failed.`);

    await system.start("api");
    await second.kill("SIGKILL");
    await endLease();
    await pass(5);
    expect([signed.posts.length, chat.posts.length]).toEqual([3, 3]);
  } finally {
    await second.kill("SIGKILL");
  }
}, 120_000);
