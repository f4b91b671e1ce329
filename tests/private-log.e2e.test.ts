import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { quarantineAnswer } from "../packages/schemas/src/index.ts";
import { ACTIONS, MESSAGES } from "./fixtures/message-data.ts";
import seeds from "./fixtures/seed-webhooks.json" with { type: "json" };
import { generatedDay } from "./support/day.ts";
import { Administrator, answerBody } from "./support/instances.ts";
import { logLines, outputFromNowOn, type LogLine } from "./support/log-lines.ts";
import { RawConnection, rawPost } from "./support/raw-http.ts";
import { StubGateway, type Misbehaviour } from "./support/stub-gateway.ts";
import { until } from "./support/until.ts";
import {
  failureOf,
  freshInstance,
  nowSeconds,
  observation,
  OBSERVATIONS,
  signal,
  statusOf,
} from "./support/webhooks.ts";
import { BODY_LIMIT, sharedSystem } from "./shared-system.ts";
import { ACCOUNT_TOKEN, WEBHOOK_TOKEN, type System } from "./system.ts";

/** Every text and name of a person contains this word; every token below contains the next one. */
const PRIVATE = "Erika-Mustermann";
const SECRET = "s3cret";
const NUMBER = "4915112345678";
const CHAT = `${NUMBER}@c.us`;
const GATEWAY_TOKEN = `gateway-${SECRET}`;

const people = {
  chatId: CHAT,
  sender: CHAT,
  chatName: PRIVATE,
  senderName: PRIVATE,
  senderContactName: `${PRIVATE} ${NUMBER}`,
};
/** Replace every text with a private one, except the type. */
function worded(messageData: object): object {
  const word = (key: string, value: unknown) =>
    typeof value === "string" && key !== "typeMessage" ? `${PRIVATE} ${CHAT}` : value;
  return JSON.parse(JSON.stringify(messageData, word)) as object;
}

describe("the log of all kinds of traffic at the most verbose level", () => {
  let system: System;
  let stub: StubGateway;
  let admin: Administrator;
  let output: ReturnType<typeof outputFromNowOn>;
  let log: string;
  const tokens = [ACCOUNT_TOKEN, WEBHOOK_TOKEN];
  const instance = freshInstance();
  const posted: string[] = seeds.seed000.concat(seeds.seed001 as never).map((webhook) => JSON.stringify(webhook));

  beforeAll(async () => {
    [system, stub] = await Promise.all([sharedSystem(), StubGateway.start()]);
    output = outputFromNowOn(system);
    admin = new Administrator(system);
    await webhooks();
    await refusals();
    await rest();
    await gateways();
    await outage();
    await lastLines();
    log = output("ingest") + output("worker") + output("api");
  }, 240_000);
  afterAll(async () => stub?.stop());

  async function accept(...bodies: readonly (object | string)[]): Promise<void> {
    posted.push(...bodies.map((body) => (typeof body === "string" ? body : JSON.stringify(body))));
    await system.accept(...bodies);
  }

  async function webhooks(): Promise<void> {
    await system.accept(...posted);
    await accept(...generatedDay({ size: 300, messages: 100, instanceCount: 3, seed: 4 }).webhooks);
    for (const [i, { messageData }] of [...MESSAGES, ...ACTIONS].entries())
      for (const from of ["incoming", "phone", "api"] as const)
        await accept(observation(from, instance, `${from}${i}`, worded(messageData), { senderData: people }));
    for (const text of [`file should not be empty. URL: https://${PRIVATE}`, `Error: ${CHAT} ${PRIVATE}`])
      await accept(failureOf(instance, `F${text.length}`, text, { chatId: CHAT }));
    // These cannot be read.
    await accept(
      statusOf(instance, "Q1", PRIVATE, { chatId: CHAT }),
      statusOf(instance, "", "read", { chatId: CHAT }),
      observation("phone", instance, "", worded({ typeMessage: "textMessage" }), { senderData: people }),
      signal(instance, PRIVATE, people),
      { ...people, typeWebhook: [PRIVATE] },
      { typeWebhook: OBSERVATIONS.incoming, instanceData: { idInstance: PRIVATE, wid: CHAT }, ...people },
      JSON.stringify(`${PRIVATE} ${CHAT}`),
      JSON.stringify([PRIVATE, CHAT]),
    );
    await accept(
      signal(instance, "incomingCall", { from: CHAT, status: "missed" }),
      signal(instance, "stateInstanceChanged", { stateInstance: "notAuthorized" }),
      signal(instance, "deviceInfo", { deviceData: { deviceModel: PRIVATE, platform: PRIVATE } }),
      signal(instance, "incomingBlock", { chatId: CHAT }),
      signal(instance, "quotaExceeded", { quotaData: { correspondents: [CHAT] } }),
    );
    await system.drained();
  }

  async function refusals(): Promise<void> {
    const webhook = observation("incoming", instance, "R", worded({ typeMessage: "textMessage" }), {
      senderData: people,
    });
    const text = JSON.stringify(webhook);
    const { token } = await admin.create({ idInstance: freshInstance() });
    tokens.push(token);
    await system.post(webhook, { token: `wrong-${SECRET}` });
    await system.post(webhook, { token: null, headers: { authorization: `Basic ${SECRET}` } });
    await system.post(webhook, { token });
    await system.post(text.slice(0, -1));
    await system.post(text + "x".repeat(BODY_LIMIT));
    await system.post(webhook, { headers: { "content-type": `text/${PRIVATE}` } });
    await system.post(webhook, { path: `/webhooks/green-api/${SECRET}` });
    await system.post(webhook, { path: `/nothing/${SECRET}/${CHAT}` });
    await system.post(webhook, { path: `/webhooks/green-api/%E0%A4%A${SECRET}` });
    await system.post(webhook, { method: "PUT", path: `/webhooks/green-api/${SECRET}` });
    await system.post(webhook, { headers: { "x-request-id": CHAT } });
    const raw = await RawConnection.open(system.ingestPort);
    raw.write(rawPost(`/webhooks/green-api/${SECRET}`, text, { authorization: SECRET, [PRIVATE]: "\u0001" }));
    await raw.answers(1);
    raw.close();
    await system.drained();
  }

  async function rest(): Promise<void> {
    const name = `${PRIVATE}-sales`;
    await admin.change(instance, { name, settings: { ignoreGroupMessages: true } });
    for (let i = 0; i < 3; i++) tokens.push(await admin.newToken(name));
    const token = tokens.at(-1) ?? "";
    for (const path of [`/metrics/${name}`, `/metrics/${name}/series`, `/metrics/${name}/failures`, `/instances`]) {
      await system.get(path, { token });
      await system.get(path, { token: null, headers: { authorization: `Bearer ${token}` } });
      await system.get(path, { token: `wrong-${SECRET}` });
      await system.get(`${path}?token=${SECRET}&from=${PRIVATE}&chatId=${CHAT}`);
    }
    for (const path of [`/messages/${name}`, `/messages/${name}/api0`, `/messages/${name}/${PRIVATE}`, `/${SECRET}`])
      await system.get(path, { token });
    for (const own of [token, `wrong-${SECRET}`, `%E0%A4%A${SECRET}`]) {
      for (const method of ["lastOutgoingMessages", "getStateInstance", "getSettings", PRIVATE])
        await system.get(`/waInstance${instance}/${method}/${own}`, { token: null });
      const asked = { chatId: CHAT, idMessage: "api0" };
      await system.send("POST", `/waInstance${instance}/getMessage/${own}`, asked, { token: null });
      await system.send("POST", `/waInstance${instance}/getMessage/${own}`, `{"chatId":"${CHAT}`, { token: null });
    }
    const { entries } = answerBody(quarantineAnswer, await system.get("/quarantine"));
    for (const { id } of entries.slice(0, 2)) await system.get(`/quarantine/${id}`);
    await system.send("DELETE", `/quarantine/${entries[0]?.id ?? ""}`);
    await system.send("POST", "/quarantine/replay", { all: true });
    await system.send("POST", "/instances", `{"idInstance": "${PRIVATE}", "token": "${SECRET}"`);
    await system.send("POST", "/instances", { idInstance: CHAT, name: PRIVATE });
    await system.send("PATCH", `/instances/${name}`, { settings: { upstream: { apiTokenInstance: `/${SECRET}` } } });
    await system.drained();
  }

  async function gateways(): Promise<void> {
    const behave: (Misbehaviour | undefined)[] = [undefined, 401, "no JSON", "half a list", "break off"];
    await Promise.all(
      behave.map(async (misbehaviour) => {
        const own = freshInstance();
        const script = stub.of(own);
        Object.assign(script, { token: GATEWAY_TOKEN, misbehaviour });
        const said = { typeMessage: "textMessage", textMessage: PRIVATE, chatId: CHAT, senderName: PRIVATE };
        const at = nowSeconds() - 60;
        script.outgoing = [{ type: "outgoing", idMessage: "G1", statusMessage: "read", timestamp: at, ...said }];
        script.incoming = [{ type: "incoming", idMessage: "G2", timestamp: at, senderId: CHAT, ...said }];
        script.notifications.push(observation("incoming", own, "G3", worded(said), { senderData: people }));
        const upstream = { apiUrl: stub.url, apiTokenInstance: GATEWAY_TOKEN, pull: true };
        await admin.create({ idInstance: own, settings: { upstream } });
        await system.send("POST", `/instances/${own}/reconcile`, { minutes: 5 });
        await system.send("POST", `/instances/${own}/reconcile`, [...script.outgoing, { [PRIVATE]: SECRET }]);
        const ended = (msg: string) =>
          logLines(output("worker")).some((line) => line.msg === msg && line["instance"] === own);
        await until("it is reconciled", () => ended(misbehaviour === undefined ? "reconciled" : "not reconciled"));
        const pulled = misbehaviour === undefined ? "notification pulled" : "notifications cannot be pulled now";
        await until("it is pulled", () => ended(pulled));
        if (misbehaviour === 401) await system.send("DELETE", `/instances/${own}`);
      }),
    );
    await system.drained();
  }

  async function outage(): Promise<void> {
    await system.killRedis();
    const webhook = observation("api", instance, "O", worded({ typeMessage: "textMessage" }), { senderData: people });
    await until("webhooks are refused", async () => (await system.post(webhook)).status === 503);
    await until("reads are refused", async () => (await system.get(`/metrics/${instance}`)).status === 503);
    await system.get(`/waInstance${instance}/getSettings/${tokens.at(-1) ?? ""}`, { token: null });
    await system.restartRedis();
    await until("webhooks are accepted again", async () => (await system.post(webhook)).status === 200);
    await system.drained();
  }

  /** Wait until every app has logged its last unit of work. */
  async function lastLines(): Promise<void> {
    const headers = { "x-request-id": "the-last" };
    await system.post({}, { headers });
    await system.get("/instances", { headers });
    const ofLast = (line: LogLine) => JSON.stringify(line).includes("the-last");
    const { jobId } = await until("ingest has logged it", () => logLines(output("ingest")).find(ofLast));
    await until("the worker has logged it", () => logLines(output("worker")).some((line) => line["jobId"] === jobId));
    await until("the api has logged it", () => logLines(output("api")).some(ofLast));
  }

  it.each([
    ["ingest", "batch stored"],
    ["ingest", "batch refused"],
    ["ingest", "webhook refused"],
    ["worker", "batch applied"],
    ["worker", "webhooks quarantined"],
    ["worker", "reconciled"],
    ["worker", "not reconciled"],
    ["worker", "notification pulled"],
    ["api", "request"],
    ["api", "instance created"],
    ["api", "instance got a new token"],
    ["api", "instance deleted"],
  ] as const)("contains every kind: %s logs %j", (app, msg) => {
    expect(logLines(output(app)).map((line) => line.msg)).toContain(msg);
  });

  it("contains no token, neither a valid nor an invalid one", () => {
    expect(linesWith(log, [...tokens, SECRET])).toEqual([]);
  });

  it("contains no phone number and no chat", () => {
    const numbers = posted.flatMap((body) =>
      [...body.matchAll(/\b(\d[\d-]*)(?::\d+)?@/g)].map(([, digits = ""]) => digits),
    );
    const all = new Set([NUMBER, ...numbers]);
    expect(all.size).toBeGreaterThan(50);
    const whole = (number: string) => new RegExp(`(?<![\\d.])${number}(?!\\d)`);
    expect([...all].filter((number) => whole(number).test(log))).toEqual([]);
    expect(linesWith(log, ["@c.us", "@g.us", "@lid", "@s.whatsapp.net", "@newsletter", "@broadcast"])).toEqual([]);
  });

  it("contains no text, no name of a person and no name of an instance", () => {
    expect(linesWith(log, [PRIVATE, "hello", "Hello", "John", "Jane Doe", "a story"])).toEqual([]);
  });
});

function linesWith(log: string, words: readonly string[]): readonly string[] {
  return log.split("\n").filter((line) => words.some((word) => line.includes(word)));
}
