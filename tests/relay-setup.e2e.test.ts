import { execFile, spawnSync } from "node:child_process";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { z } from "zod";
import { checkAnswer, repairAnswer, targetAnswer, targetTestAnswer } from "../packages/schemas/src/index.ts";
import { textOf } from "./support/documents.ts";
import { answerBody } from "./support/instances.ts";
import { StubGateway } from "./support/stub-gateway.ts";
import { until } from "./support/until.ts";
import { VendorReceiver } from "./support/vendor-receiver.ts";
import { observation, statusOf } from "./support/webhooks.ts";
import { PUBLIC_URL, sharedSystem } from "./shared-system.ts";
import { ACCOUNT_TOKEN, type System } from "./system.ts";

/** Runs the section "Put it in front of what you have" of docs/forwarding.md with the vendor's own receiver and a stub of its gateway. */

const INSTANCE = "7103123456";
const BOT_TOKEN = "Bearer the-crm-token";
const OURS = `${PUBLIC_URL}webhooks/green-api`;

let system: System;
let gateway: StubGateway;
let bot: VendorReceiver;
let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "ticktally-relay-setup-"));
  [system, gateway, bot] = await Promise.all([sharedSystem(), StubGateway.start(), VendorReceiver.start(BOT_TOKEN)]);
  const script = gateway.of(INSTANCE);
  script.token = "the-api-token";
  // The settings of an instance with a bot: only the webhooks that the bot needs.
  script.settings = {
    webhookUrl: bot.url,
    webhookUrlToken: BOT_TOKEN,
    incomingWebhook: "yes",
    outgoingWebhook: "no",
    outgoingAPIMessageWebhook: "no",
    outgoingMessageWebhook: "no",
    stateWebhook: "no",
  };
});
afterAll(async () => {
  await Promise.all([gateway?.stop(), bot?.stop()]);
  await rm(folder, { recursive: true, force: true });
});

/** The code blocks of the section, each one command. */
const [, section = ""] = /## Put it in front of what you have\n(.*?)\n## /s.exec(textOf("docs/forwarding.md")) ?? [];
const commands = [...section.matchAll(/```sh\n(.*?)```/gs)].map(([, block = ""]) => block.replace(/^ {3}/gm, ""));

/** Run a command asynchronously, because the bot and the gateway answer from this process. */
async function run(command: string): Promise<string> {
  const here = command
    .replaceAll("http://127.0.0.1:8081", system.apiOrigin)
    .replaceAll("https://7103.api.greenapi.com", gateway.url)
    .replaceAll("https://crm.example.com/hook", bot.url);
  const env = { PATH: process.env["PATH"], TICKTALLY_ACCOUNT_TOKEN: ACCOUNT_TOKEN };
  const { stdout, stderr } = await promisify(execFile)("sh", ["-c", here], { cwd: folder, env });
  expect(stderr).toBe("");
  expect(stdout).not.toContain('"success":false');
  return stdout;
}

const read = <Shape extends z.ZodType>(shape: Shape, text: string): z.infer<Shape> => shape.parse(JSON.parse(text));
const hasCurl = spawnSync("curl", ["--version"]).status === 0;
const ids = Array.from({ length: 6 }, (_, i) => `M${i}`);

describe.runIf(hasCurl)("Ticktally in front of a bot (skipped without curl)", () => {
  it("with the commands of the page, both get all webhooks, also after an outage of the bot, and the check is ok", async () => {
    const [keys = "", create = "", test = "", register = "", look = "", apply = "", check = "", list = "", ...more] =
      commands;
    expect([more, list === ""]).toEqual([[], false]);
    await run(keys);
    await run(create);
    expect(read(targetTestAnswer, await run(test)).test).toMatchObject({ ok: true, status: "200" });
    await run(register);

    const wrong = read(checkAnswer, await run(check)).check;
    expect(wrong.ok).toBe(false);
    expect(wrong.findings.map(({ code }) => code)).toEqual(expect.arrayContaining(["address_foreign", "switched_off"]));
    const { changes } = read(repairAnswer, await run(look));
    expect(changes.map(({ key }) => key)).toEqual(expect.arrayContaining(["webhookUrl", "outgoingWebhook"]));
    expect(gateway.of(INSTANCE).saved).toEqual([]);
    await run(apply);
    const { webhookUrl, webhookUrlToken } = z
      .object({ webhookUrl: z.string(), webhookUrlToken: z.string() })
      .parse(gateway.of(INSTANCE).settings);
    expect(webhookUrl).toBe(OURS);

    // The gateway now posts to Ticktally.
    const post = async (webhook: object) => {
      const headers = { authorization: webhookUrlToken };
      expect(
        (await system.post(webhook, { token: null, headers, path: webhookUrl.replace(PUBLIC_URL, "/") })).status,
      ).toBe(200);
    };
    const view = async () => answerBody(targetAnswer, await system.get("/targets/crm")).target;
    for (const id of ids.slice(0, 3)) {
      await post(observation("incoming", INSTANCE, `${id}-in`));
      await post(statusOf(INSTANCE, id, "delivered"));
    }
    await until("the bot has received them", () => bot.taken.length === 6);
    const { port } = bot;
    await bot.stop();
    for (const id of ids.slice(3)) await post(statusOf(INSTANCE, id, "delivered"));
    await until("a request to the bot has failed", async () => (await view()).lastStatus === "refused");
    expect((await system.counted("shop")).messagesByStatus.delivered).toBe(6);
    await bot.restart(port);
    // Without it the next attempt would be a minute after the last one.
    expect((await system.send("POST", "/targets/crm/retry")).status).toBe(200);
    await until("the bot has received all", () => bot.taken.length === 9);
    expect(bot.taken).toEqual([
      ...ids.slice(0, 3).flatMap((id) => [`${id}-in received`, `${id} delivered`]),
      ...ids.slice(3).map((id) => `${id} delivered`),
    ]);
    expect(bot.unauthorized).toBe(0);

    const right = read(checkAnswer, await run(check)).check;
    expect(right).toMatchObject({ ok: true, findings: [{ code: "last_webhook" }] });
    await until("the lanes are empty", async () => (await view()).depth === 0);
    expect(await run(list)).toMatch(/"name":"crm".*"depth":0,.*"lastStatus":"200"/);
  }, 60_000);
});
