import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { runBackupTool } from "./support/backup-tool.ts";
import { generatedDay, shuffled } from "./support/day.ts";
import { Gateway } from "./support/gateway.ts";
import { Administrator } from "./support/instances.ts";
import { freshInstance, signal, statusOf } from "./support/webhooks.ts";
import { startSystem, WEBHOOK_TOKEN, type System } from "./system.ts";

const day = generatedDay({ size: 1500, messages: 450, instanceCount: 4, seed: 20_261_121 });
const [first = "", second = "", third = ""] = day.instances;
const MANY_CHATS = freshInstance();
const UNUSED = freshInstance();

let source: System;
let target: System;
let file = "";
let token = "";
let labelled: readonly string[] = [];
beforeAll(async () => {
  [source, target] = await Promise.all([startSystem(), startSystem()]);
  file = join(source.dir, "export");
  await deliver(source, day.webhooks);
  // More chats than are stored exactly, so that a HyperLogLog is exported too.
  const chats = Array.from({ length: 1200 }, (_, i) => `7900${String(1_000_000 + i)}@c.us`);
  await deliver(
    source,
    chats.map((chatId, i) => JSON.stringify(statusOf(MANY_CHATS, `U${String(i)}`, "delivered", { chatId }))),
  );
  const story = (participant: string) => statusOf(first, "STORY", "read", { chatId: participant });
  await deliver(
    source,
    ["1@c.us", "2@c.us"].map((chatId) => JSON.stringify(story(chatId))),
  );
  for (const stateInstance of ["notAuthorized", "authorized"])
    await source.accept(signal(first, "stateInstanceChanged", { stateInstance }));
  await source.accept({ typeWebhook: 5, note: "line\u2028separator" });
  const administrator = new Administrator(source);
  token = (await administrator.create({ idInstance: UNUSED, name: "unused" })).token;
  await administrator.change(first, { name: "sales", settings: { ignoreGroupMessages: true, failureRatioMax: 0.2 } });
  const upstream = { apiUrl: "http://127.0.0.1:9", apiTokenInstance: "secret", reconcileEveryMinutes: 0 };
  await administrator.change(second, { settings: { upstream } });
  await source.drained();
  const sentMessages = await source.get(`/messages/${first}?direction=outgoing&limit=60`);
  labelled = (JSON.parse(sentMessages.text) as { messages: { idMessage: string }[] }).messages.map(
    ({ idMessage }) => idMessage,
  );
  const labels = [
    [first, "spring", [...labelled, "WAITS"]],
    [first, "gone", labelled.slice(0, 20)],
    [UNUSED, "autumn", ["WAITS"]],
  ] as const;
  for (const [instance, label, idMessages] of labels)
    expect((await source.send("PUT", `/labels/${label}`, { instance, idMessages })).status).toBe(200);
  expect((await source.send("DELETE", `/labels/gone?instance=${first}`)).status).toBe(200);
}, 120_000);
afterAll(async () => Promise.all([source?.stop(), target?.stop()]));

async function deliver(system: System, texts: readonly string[]): Promise<void> {
  await new Gateway({ port: system.ingestPort, token: WEBHOOK_TOKEN, connections: 8 }).deliver(texts);
  await system.drained();
}

const all = [...day.instances, MANY_CHATS, UNUSED];

/** Everything that REST and Prometheus answer, without times of the requests. */
async function everything(system: System) {
  const paths = all.flatMap((id) => [
    ...["", "/series", "/failures", "/latency"].map((rest) => `/metrics/${id}${rest}`),
    `/messages/${id}?limit=50`,
    `/messages/${id}?status=failed&limit=1000`,
    `/instances/${id}`,
    `/instances/${id}/reconcile`,
    `/labels?instance=${id}`,
    `/metrics/${id}/series?groupBy=label`,
    `/waInstance${id}/lastOutgoingMessages/account-token-of-the-tests?minutes=2000`,
  ]);
  const asked = [`/metrics/${all.join(",")}`, `/messages/${first}/STORY`, "/instances", "/quarantine", ...paths];
  const answers: string[] = [];
  for (const path of asked) {
    const { status, text } = await system.get(path);
    answers.push(`${path} ${status} ${text.replace(/"asOf":"[^"]+"/, "")}`);
  }
  const series = (await system.prometheus()).text.split("\n").filter((line) => /^ticktally_(?!redis_)/.test(line));
  return { answers, series };
}

/** The ids of all messages of an instance, page by page. */
async function pages(system: System, instance: string): Promise<readonly string[]> {
  const ids: string[] = [];
  let cursor = "";
  do {
    const { text } = await system.get(`/messages/${instance}?limit=40${cursor}`);
    const page = JSON.parse(text) as { messages: { idMessage: string }[]; nextCursor: string | null };
    ids.push(...page.messages.map(({ idMessage }) => idMessage));
    cursor = page.nextCursor === null ? "" : `&cursor=${page.nextCursor}`;
  } while (cursor !== "");
  return ids;
}

const exported = async (args: readonly string[] = []) => runBackupTool("export", { url: source.redisUrl, file, args });
const imported = async (path = file, args: readonly string[] = []) =>
  runBackupTool("import", { url: target.redisUrl, file: path, args });

describe("export and import into another Redis", () => {
  it("report running workers, and refuse them with --settled", async () => {
    expect(await exported()).toMatchObject({ exitCode: 0, output: expect.stringContaining("1 workers run") as string });
    const refused = await exported(["--settled"]);
    expect(refused).toMatchObject({ exitCode: 1, output: expect.stringContaining("Not settled") as string });
    expect(await imported()).toMatchObject({ exitCode: 1, output: expect.stringContaining("workers run") as string });
  });

  it("keep all answers the same, and repeated webhooks change nothing", async () => {
    const before = await everything(source);
    const listed = await pages(source, second);
    await source.kill("worker");
    expect(await exported(["--settled"])).toMatchObject({ exitCode: 0 });
    await target.kill("worker");
    expect(await imported()).toMatchObject({
      exitCode: 0,
      output: expect.stringMatching(/^Imported 6 instances, \d+ messages, 1 webhooks/) as string,
    });
    await target.start("worker");
    expect(await everything(target)).toEqual(before);
    expect(await new Administrator(target).instance(first)).toMatchObject({
      stateChanges: [{ from: "notAuthorized", to: "authorized" }, { from: null }],
    });
    // From a HyperLogLog: about 1,200.
    expect((await target.metrics(MANY_CHATS)).uniqueChats).toBe((await source.metrics(MANY_CHATS)).uniqueChats);
    expect(await target.askRedis("STRLEN", `ticktally:{${MANY_CHATS}}:chats:0~`)).toMatch(/:[1-9]/);
    expect(await pages(target, second)).toEqual(listed);
    expect((await target.get("/instances/unused", { token })).status).toBe(200);
    const { text } = await target.get(`/labels?instance=${first}`);
    expect(JSON.parse(text)).toEqual({ success: true, labels: [{ label: "spring", messages: labelled.length }] });

    await deliver(target, shuffled(day.webhooks, 7));
    const again = await everything(target);
    // Outcomes count webhooks, including repeats. A group that is ignored now is not counted again.
    const comparable = ({ series }: typeof again) =>
      series.filter(
        (line) => !/^ticktally_(?:status_events|instance_last_webhook|message_latency|queue_age)/.test(line),
      );
    expect(comparable(again)).toEqual(comparable(before));
    expect((await target.prometheus()).value("ticktally_regressions_total")).toBe(0);
  }, 120_000);

  it("do not change existing instances, except with --replace", async () => {
    await target.kill("worker");
    const before = await everything(target);
    expect(await imported()).toMatchObject({
      exitCode: 1,
      output: expect.stringMatching(
        /Nothing was written:\nInstance \d+ \(\S+\) already exists in this Redis/,
      ) as string,
    });
    expect(await everything(target)).toEqual(before);
    await target.start("worker");
    await target.accept(statusOf(third, "ONLY-HERE", "sent"));
    await target.drained();
    await target.kill("worker");
    expect(await imported(file, ["--replace"])).toMatchObject({ exitCode: 0 });
    expect(await target.message(third, "ONLY-HERE")).toBeUndefined();
    expect(await pages(target, second)).toEqual(await pages(source, second));
  }, 60_000);
});

describe("labels that were exported", () => {
  it("apply to messages that arrive after the import, and can be set again or deleted", async () => {
    await target.start("worker");
    await target.accept(statusOf(UNUSED, "WAITS", "sent"));
    await target.drained();
    const labelsOf = async (id: string) => JSON.parse((await target.get(`/labels?instance=${id}`)).text) as unknown;
    expect(await labelsOf(UNUSED)).toEqual({ success: true, labels: [{ label: "autumn", messages: 1 }] });
    const again = await target.send("PUT", "/labels/spring", { instance: first, idMessages: labelled });
    expect(JSON.parse(again.text)).toMatchObject({ labelled: labelled.length });
    expect((await target.send("DELETE", `/labels/spring?instance=${first}`)).status).toBe(200);
    expect(await labelsOf(first)).toEqual({ success: true, labels: [] });
    await target.kill("worker");
  });
});

describe("a damaged export file", () => {
  // Other keys, such as BullMQ's and those of the rate limit, change by themselves.
  const keysOfInstances = async () => (await target.askRedis("KEYS", "ticktally:{[0-9]*")).split("\r\n").toSorted();
  const refusal = async (text: string) => {
    const path = join(source.dir, "damaged");
    await writeFile(path, text);
    const [keys, listed] = [new Set(await keysOfInstances()), await pages(target, second)];
    expect(keys.size).toBeGreaterThan(20);
    const { exitCode, output } = await imported(path, ["--replace"]);
    expect(exitCode).toBe(1);
    // Data that earlier imports have replaced is still being erased, so keys may disappear but none may be added.
    expect((await keysOfInstances()).filter((key) => !keys.has(key))).toEqual([]);
    expect(await pages(target, second)).toEqual(listed);
    return output;
  };

  it("is refused before anything is written, with the reason", async () => {
    await exported();
    const lines = (await readFile(file, "utf8")).trimEnd().split("\n");
    const text = (some: readonly string[]) => `${some.join("\n")}\n`;
    const changed = lines.with(20, lines[20]?.replace(/.$/, ")") ?? "");
    expect(await refusal(text(lines.slice(0, -1)))).toContain("cut short");
    expect(await refusal(text(lines).slice(0, -40))).toContain(`Line ${lines.length} of the file is damaged`);
    expect(await refusal(text(changed))).toContain("Line 21 of the file is damaged");
    expect(await refusal(text(lines.toSpliced(20, 1)))).toContain("lines are missing or changed");
    expect(await refusal("{}\n")).toContain("not an export of Ticktally");
    expect(await refusal("")).toContain("not an export of Ticktally");
  });
});

describe("an export from a system with another retention", () => {
  it("is imported, and its data expires at the same time as there", async () => {
    const env = { MESSAGE_RETENTION_DAYS: "10" };
    const run = await runBackupTool("import", { url: target.redisUrl, file, args: ["--replace"], env });
    expect(run).toMatchObject({ exitCode: 0 });
    expect(await pages(target, second)).toEqual(await pages(source, second));
  });
});

describe("an export of one instance", () => {
  it("contains only that instance, selected by its name", async () => {
    expect(await exported(["--instance", "sales"])).toMatchObject({ exitCode: 0 });
    const text = await readFile(file, "utf8");
    expect(text).toContain(`"id":"${first}","name":"sales"`);
    expect(text).not.toContain(second);
    expect(await exported(["--instance", "nobody"])).toMatchObject({
      exitCode: 1,
      output: "There is no instance nobody.\n",
    });
  });
});
