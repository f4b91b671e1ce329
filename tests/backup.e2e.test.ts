import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { Redis } from "ioredis";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { runBackupTool } from "./support/backup-tool.ts";
import { generatedDay, shuffled } from "./support/day.ts";
import { Administrator } from "./support/instances.ts";
import type { Samples } from "./support/samples.ts";
import { freshInstance, signal, statusOf } from "./support/webhooks.ts";
import { startSystem, type System } from "./system.ts";

const day = generatedDay({ size: 1500, messages: 450, instanceCount: 4, seed: 20_261_121 });
const [first = "", second = "", third = ""] = day.instances;
const POSTED_AT_ONCE = 300;
const MANY_CHATS = freshInstance();
const UNUSED = freshInstance();

let source: System;
let target: System;
let file = "";
let token = "";
let labelled: readonly string[] = [];
/** The source's messages of the second instance. */
let listed: readonly string[] = [];
/** What Prometheus gets from the target after the import. */
let series: readonly string[] = [];
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

/** In posts of several webhooks, in order. */
async function deliver(system: System, texts: readonly string[]): Promise<void> {
  for (let from = 0; from < texts.length; from += POSTED_AT_ONCE)
    await system.accept(`[${texts.slice(from, from + POSTED_AT_ONCE).join()}]`);
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
  return { answers, series: seriesOf(await system.prometheus()) };
}

function seriesOf({ text }: Samples): readonly string[] {
  return text.split("\n").filter((line) => /^ticktally_(?!redis_)/.test(line));
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

const exported = async (args: readonly string[] = [], path = file) =>
  runBackupTool("export", { url: source.redisUrl, file: path, args });
const imported = async (path = file, args: readonly string[] = [], env = {}) =>
  runBackupTool("import", { url: target.redisUrl, file: path, args, env });

/** Everything that the target has stored about its instances, by key. */
async function stored(): Promise<ReadonlyMap<string, string | undefined>> {
  const client = new Redis(target.redisUrl);
  try {
    const found = await client.keys("ticktally:*");
    // Other keys, such as BullMQ's, those of the rate limit and heartbeats, change by themselves.
    const names = found.filter((name) => /:\{(?:\d+|registry)\}:(?!heartbeat)/.test(name)).toSorted();
    const dumps = await Promise.all(names.map(async (name) => [name, await client.dumpBuffer(name)] as const));
    return new Map(dumps.map(([name, dump]) => [name, dump?.toString("base64")]));
  } finally {
    client.disconnect();
  }
}

/** What has been added or changed. Data that an earlier import has replaced may expire meanwhile. */
async function changedSince(before: Awaited<ReturnType<typeof stored>>): Promise<readonly string[]> {
  return [...(await stored())].flatMap(([name, dump]) => (before.get(name) === dump ? [] : [name]));
}

describe("export and import into another Redis", () => {
  it("report running workers, and refuse them with --settled", async () => {
    const [reported, refused] = await Promise.all([exported(), exported(["--settled"], `${file}-refused`)]);
    expect(reported).toMatchObject({ exitCode: 0, output: expect.stringContaining("1 workers run") as string });
    expect(refused).toMatchObject({ exitCode: 1, output: expect.stringContaining("Not settled") as string });
    expect(await imported()).toMatchObject({ exitCode: 1, output: expect.stringContaining("workers run") as string });
  });

  it("keep all answers the same", async () => {
    const before = await everything(source);
    listed = await pages(source, second);
    await Promise.all([source.kill("worker"), target.kill("worker")]);
    expect(await exported(["--settled"])).toMatchObject({ exitCode: 0 });
    expect(await imported()).toMatchObject({
      exitCode: 0,
      output: expect.stringMatching(/^Imported 6 instances, \d+ messages, 1 webhooks/) as string,
    });
    await target.start("worker");
    const after = await everything(target);
    expect(after).toEqual(before);
    series = after.series;
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
  }, 120_000);

  it("count nothing again when webhooks are repeated", async () => {
    await deliver(target, shuffled(day.webhooks, 7));
    const samples = await target.prometheus();
    // Outcomes count webhooks, including repeats. A group that is ignored now is not counted again.
    const comparable = (lines: readonly string[]) =>
      lines.filter(
        (line) => !/^ticktally_(?:status_events|instance_last_webhook|message_latency|queue_age)/.test(line),
      );
    expect(comparable(seriesOf(samples))).toEqual(comparable(series));
    expect(samples.value("ticktally_regressions_total")).toBe(0);
  });
});

describe("labels that were exported", () => {
  it("apply to messages that arrive after the import, and can be set again or deleted", async () => {
    await target.accept(statusOf(UNUSED, "WAITS", "sent"));
    await target.drained();
    const labelsOf = async (id: string) => JSON.parse((await target.get(`/labels?instance=${id}`)).text) as unknown;
    expect(await labelsOf(UNUSED)).toEqual({ success: true, labels: [{ label: "autumn", messages: 1 }] });
    const again = await target.send("PUT", "/labels/spring", { instance: first, idMessages: labelled });
    expect(JSON.parse(again.text)).toMatchObject({ labelled: labelled.length });
    expect((await target.send("DELETE", `/labels/spring?instance=${first}`)).status).toBe(200);
    expect(await labelsOf(first)).toEqual({ success: true, labels: [] });
  });
});

describe("an import of instances that exist", () => {
  it("changes nothing, except with --replace, also from a system with another retention", async () => {
    await target.accept(statusOf(third, "ONLY-HERE", "sent"));
    await target.drained();
    await target.kill("worker");
    const before = await stored();
    expect(before.size).toBeGreaterThan(20);
    expect(await imported()).toMatchObject({
      exitCode: 1,
      output: expect.stringMatching(
        /Nothing was written:\nInstance \d+ \(\S+\) already exists in this Redis/,
      ) as string,
    });
    expect(await changedSince(before)).toEqual([]);
    expect(await target.message(third, "ONLY-HERE")).toBeDefined();
    expect(await pages(target, second)).toEqual(listed);
    expect(await imported(file, ["--replace"], { MESSAGE_RETENTION_DAYS: "10" })).toMatchObject({ exitCode: 0 });
    expect(await target.message(third, "ONLY-HERE")).toBeUndefined();
    expect(await pages(target, second)).toEqual(listed);
  }, 60_000);
});

describe("a damaged export file", () => {
  const refusal = async (text: string) => {
    const path = `${file}-damaged`;
    await writeFile(path, text);
    const before = await stored();
    const { exitCode, output } = await imported(path, ["--replace"]);
    expect(exitCode).toBe(1);
    expect(await changedSince(before)).toEqual([]);
    expect(await pages(target, second)).toEqual(listed);
    return output;
  };

  // The ways in which a file can be damaged have their own test in apps/cli.
  it("is refused before anything is written, with the reason", async () => {
    const lines = (await readFile(file, "utf8")).trimEnd().split("\n");
    expect(await refusal(`${lines.slice(0, -1).join("\n")}\n`)).toContain("cut short");
    expect(await refusal(`${lines.toSpliced(20, 1).join("\n")}\n`)).toContain("lines are missing or changed");
  });
});

describe("an export of one instance", () => {
  it("contains only that instance, selected by its name", async () => {
    const path = `${file}-one`;
    const [one, none] = await Promise.all([
      exported(["--instance", "sales"], path),
      exported(["--instance", "nobody"], `${file}-none`),
    ]);
    expect(one).toMatchObject({ exitCode: 0 });
    const text = await readFile(path, "utf8");
    expect(text).toContain(`"id":"${first}","name":"sales"`);
    expect(text).not.toContain(second);
    expect(none).toMatchObject({ exitCode: 1, output: "There is no instance nobody.\n" });
  });
});
