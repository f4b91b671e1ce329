import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { checkAnswer, repairAnswer } from "../packages/schemas/src/index.ts";
import { Administrator, answerBody } from "./support/instances.ts";
import { StubGateway, type Misbehaviour } from "./support/stub-gateway.ts";
import { freshInstance, observation } from "./support/webhooks.ts";
import { PUBLIC_URL, sharedSystem } from "./shared-system.ts";
import { WEBHOOK_TOKEN, type System } from "./system.ts";

const OURS = `${PUBLIC_URL}webhooks/green-api`;
const SWITCHES = {
  outgoingWebhook: "yes",
  outgoingAPIMessageWebhook: "yes",
  outgoingMessageWebhook: "yes",
  incomingWebhook: "yes",
  stateWebhook: "yes",
  editedMessageWebhook: "yes",
  deletedMessageWebhook: "yes",
  pollMessageWebhook: "yes",
};
const GOOD = { webhookUrl: OURS, webhookUrlToken: `Bearer ${WEBHOOK_TOKEN}`, ...SWITCHES };
/** The settings of an instance before it is set up for Ticktally, with a bot as its receiver. */
const WRONG = {
  webhookUrl: "https://bot.example/hook/secret-path?key=secret-key",
  webhookUrlToken: "secret-token-of-the-bot",
  ...Object.fromEntries(Object.keys(SWITCHES).map((key) => [key, "no"])),
  incomingWebhook: "yes",
  delaySendMessagesMilliseconds: 500,
  deviceWebhook: "no",
};

let system: System;
let stub: StubGateway;
let administrator: Administrator;
beforeAll(async () => {
  [system, stub] = await Promise.all([sharedSystem(), StubGateway.start()]);
  administrator = new Administrator(system);
});
afterAll(async () => stub?.stop());

/** Create an instance with an upstream whose gateway answers with these settings. */
async function instanceWith(settings: unknown, misbehaviour?: Misbehaviour) {
  const idInstance = freshInstance();
  const upstream = { apiUrl: stub.url, apiTokenInstance: "gateway-token", reconcileEveryMinutes: 0 };
  const { token } = await administrator.create({ idInstance, settings: { upstream } });
  const script = stub.of(idInstance);
  script.settings = settings;
  script.misbehaviour = misbehaviour;
  return { idInstance, token, script };
}

async function check(instance: string, token?: string) {
  const answer = await system.get(`/instances/${instance}/check`, token === undefined ? {} : { token });
  return answerBody(checkAnswer, answer).check;
}

async function repair(instance: string, body: object) {
  return answerBody(repairAnswer, await system.send("POST", `/instances/${instance}/check/repair`, body));
}

const words = ({ findings }: Awaited<ReturnType<typeof check>>) =>
  findings.map(({ severity, code, repair: change }) => `${severity} ${code} ${change?.key ?? ""}`.trim());

describe.concurrent("the check of an instance", () => {
  it("is ok with correct settings, and sends the gateway at most one request a second", async () => {
    const { idInstance } = await instanceWith(GOOD);
    await system.accept(observation("incoming", idInstance, "A"));
    await system.drained();
    const answers = await Promise.all([check(idInstance), check(idInstance)]);
    for (const answer of answers) {
      expect(answer.ok).toBe(true);
      expect(words(answer)).toEqual(["info last_webhook"]);
    }
    const asked = stub.requestsOf(idInstance);
    expect(asked.map(({ method }) => method)).toEqual(["getSettings", "getStateInstance", "getWebhooksCount"]);
    for (const [i, { atMs }] of asked.entries())
      if (i > 0) expect(atMs - (asked[i - 1]?.atMs ?? 0)).toBeGreaterThan(1_000);
  });

  it("accepts the instance's own token, and reports another instance's token", async () => {
    const [own, other] = await Promise.all([instanceWith(GOOD), instanceWith(GOOD)]);
    own.script.settings = { ...GOOD, webhookUrlToken: own.token };
    other.script.settings = { ...GOOD, webhookUrlToken: own.token };
    expect(words(await check(own.idInstance))).toEqual(["warning no_webhook_yet"]);
    expect(words(await check(other.idInstance))).toEqual([
      "error token_foreign webhookUrlToken",
      "warning no_webhook_yet",
    ]);
  });

  it("reports what is not counted because of wrong settings, and shows no secret", async () => {
    const { idInstance, script } = await instanceWith(WRONG);
    [script.state, script.waiting] = ["notAuthorized", 412];
    const answer = await check(idInstance);
    expect(answer.ok).toBe(false);
    expect(words(answer)).toEqual([
      "error address_foreign webhookUrl",
      "error switched_off outgoingWebhook",
      "error switched_off outgoingAPIMessageWebhook",
      "error switched_off outgoingMessageWebhook",
      "error not_authorised",
      "error webhooks_waiting",
      "warning switched_off stateWebhook",
      "warning switched_off editedMessageWebhook",
      "warning switched_off deletedMessageWebhook",
      "warning switched_off pollMessageWebhook",
      "warning no_webhook_yet",
      "info token_foreign webhookUrlToken",
    ]);
    expect(JSON.stringify(answer)).not.toMatch(/secret|gateway-token/);
  });

  it("reports what Ticktally knows itself if there is no upstream", async () => {
    const idInstance = freshInstance();
    await administrator.create({ idInstance });
    expect(words(await check(idInstance))).toEqual(["warning upstream_missing", "warning no_webhook_yet"]);
    const answer = await system.send("POST", `/instances/${idInstance}/check/repair`, {});
    expect(answer.status).toBe(409);
  });

  it.each<[string, Misbehaviour, string, number]>([
    ["401", 401, "error gateway_refused", 409],
    ["429", 429, "warning gateway_limited", 503],
    ["466", 466, "warning gateway_limited", 503],
    ["500", 500, "warning gateway_unavailable", 503],
    ["400", 400, "warning gateway_failed", 409],
    ["nothing", "silence", "warning gateway_timeout", 503],
    ["half an answer", "break off", "warning gateway_unavailable", 503],
  ])("reports a gateway that answers %s, and sends it no more requests", async (_, misbehaviour, word, refusal) => {
    const { idInstance, token } = await instanceWith(GOOD, misbehaviour);
    // At the same time, because each may wait ten seconds for an answer.
    const [account, own, refused] = await Promise.all([
      check(idInstance),
      check(idInstance, token),
      system.send("POST", `/instances/${idInstance}/check/repair`, { apply: true }),
    ]);
    expect(words(account)).toContain(word);
    // Only the account may learn what listens at addresses of the internal network.
    expect(words(own)).toContain("warning gateway_unavailable");
    expect(refused.status).toBe(refusal);
    // One request each; checks at the same time share it.
    const asked = stub.requestsOf(idInstance).map(({ method }) => method);
    expect([2, 3]).toContain(asked.length);
    expect(new Set(asked)).toEqual(new Set(["getSettings"]));
  });

  it.each<Misbehaviour>(["no JSON", "no list"])("reports an answer that is %s as unreadable", async (misbehaviour) => {
    const { idInstance, script } = await instanceWith(GOOD, misbehaviour);
    expect(words(await check(idInstance))).toEqual([
      "warning gateway_unreadable",
      "warning gateway_unreadable",
      "warning gateway_unreadable",
      "warning no_webhook_yet",
    ]);
    expect(script.saved).toEqual([]);
  });
});

describe.concurrent("a repair", () => {
  it("changes nothing without `apply`, and with it only what is needed", async () => {
    const { idInstance, script } = await instanceWith({ ...GOOD, outgoingWebhook: "no", webhookUrlToken: "" });
    const shownChanges = [
      { key: "webhookUrlToken", from: null, to: "***" },
      { key: "outgoingWebhook", from: "no", to: "yes" },
    ];
    const first = await repair(idInstance, {});
    expect(first).toMatchObject({ changes: shownChanges, restarts: true, target: null });
    expect(first.message).toContain("up to five minutes");
    expect(script.saved).toEqual([]);
    expect((await repair(idInstance, { apply: true })).changes).toEqual(shownChanges);
    expect(script.saved).toEqual([{ webhookUrlToken: `Bearer ${WEBHOOK_TOKEN}`, outgoingWebhook: "yes" }]);
    expect(await repair(idInstance, { apply: true })).toMatchObject({ changes: [], restarts: false });
    expect(script.saved).toHaveLength(1);
  });

  it("keeps another receiver's address unless it is asked to replace it, and suggests the receiver as a target", async () => {
    const { idInstance, script } = await instanceWith({ ...WRONG, ...SWITCHES });
    const left = await repair(idInstance, { apply: true });
    expect(left).toMatchObject({ changes: [], restarts: false, target: { mode: "relay", url: WRONG.webhookUrl } });
    expect(script.saved).toEqual([]);
    const replaced = await repair(idInstance, { apply: true, replaceUrl: true });
    expect(replaced.changes).toEqual([
      { key: "webhookUrl", from: WRONG.webhookUrl, to: OURS },
      { key: "webhookUrlToken", from: "***", to: "***" },
    ]);
    expect(script.saved).toEqual([{ webhookUrl: OURS, webhookUrlToken: `Bearer ${WEBHOOK_TOKEN}` }]);
  });

  it("is available to the account only", async () => {
    const { idInstance, token } = await instanceWith(GOOD);
    const answer = await system.send("POST", `/instances/${idInstance}/check/repair`, {}, { token });
    expect(answer.status).toBe(403);
    expect(stub.requestsOf(idInstance)).toEqual([]);
  });
});
