import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { AppProcess } from "./support/app-process.ts";
import { generatedDay } from "./support/day.ts";
import { freePort } from "./support/free-port.ts";
import { Gateway } from "./support/gateway.ts";
import { changeOf, freshNumber, META_ENV, metaBody, PERSON, postAsMeta, status } from "./support/meta.ts";
import { orderIndependentPart } from "./support/oracle.ts";
import { freshInstance, observation, signal, statusOf, textIn } from "./support/webhooks.ts";
import { packRecipientId } from "../packages/redis/src/records/chat-codec.ts";
import { sharedSystem } from "./shared-system.ts";
import { startSystem, WEBHOOK_TOKEN, type System } from "./system.ts";
import { until } from "./support/until.ts";

const KEY = "a key that only these tests use, of more than 32 characters";
const ON = { ...META_ENV, PSEUDONYMISE_CHATS: "true", TICKTALLY_PSEUDONYM_KEY: KEY, LOG_LEVEL: "trace" };

const day = generatedDay({ size: 1200, messages: 350, instanceCount: 3, seed: 42 });
const [first = ""] = day.instances;
const MANY = freshInstance();

/** All phone numbers in this test begin with 7900. */
const more: readonly (object | string)[] = [
  ...["79001@c.us", "7900200@lid", "79002222222@c.us"].map((chatId) => statusOf(first, "STORY", "read", { chatId })),
  textIn("status@broadcast", "api", first, "STORY"),
  textIn("79003334455:7@s.whatsapp.net", "incoming", first, "DEVICE"),
  statusOf(first, "LID", "sent", { chatId: "79004445566@lid" }),
  statusOf(first, "LID", "delivered", { chatId: "79005556677@c.us" }),
  statusOf(first, "FAILED", "failed", { description: "Uploader Error: 79006667788@c.us +7 900 666 77 88" }),
  statusOf(first, "WORD", "shredded", { chatId: "79007778899@c.us" }),
  statusOf(first, "SHAPE", "sent", { chatId: { number: "79008889900" } }),
  { note: "79009990011", phone: 79009990011 },
  signal(first, "incomingCall", { from: "79001112233@c.us", status: "offer" }),
  observation("incoming", first, "TEXT", { typeMessage: "contactMessage", vcard: "TEL:+79001010101" }),
];

/** So many chats are estimated: the first thousand are counted exactly. */
const MANY_CHATS = 1_100;
const many = Array.from({ length: MANY_CHATS }, (_, i) => {
  return JSON.stringify(statusOf(MANY, `U${String(i)}`, "sent", { chatId: `7900${String(1_000_000 + i)}@c.us` }));
});

/** Every reported chat id, including the account's own, as it is stored without pseudonyms. */
const NUMBERS = new Set(
  [...day.webhooks, ...many, JSON.stringify(more)].flatMap((text) => text.match(/79\d{8,}(?:-\d+)?@[a-z.]+/g) ?? []),
);

let on: System;
let off: System;
beforeAll(async () => {
  [on, off] = await Promise.all([startSystem({ env: ON }), sharedSystem()]);
  await Promise.all([on, off].map(fill));
}, 180_000);
afterAll(async () => on?.stop());

async function fill(system: System): Promise<void> {
  const gateway = () => new Gateway({ port: system.ingestPort, token: WEBHOOK_TOKEN, connections: 24 });
  // The order does not matter, and batches of many webhooks take less time.
  await gateway().deliver(day.webhooks);
  await system.acceptInOrder(...more);
  await gateway().deliver(many);
  const entries = [1, 2, 3].map((n) => ({
    type: "outgoing",
    idMessage: `JOURNAL${String(n)}`,
    timestamp: Math.floor(Date.now() / 1000),
    typeMessage: "textMessage",
    chatId: `7900888000${String(n)}@c.us`,
    statusMessage: "delivered",
    sendByApi: true,
  }));
  expect((await system.send("POST", `/instances/${first}/reconcile`, entries)).status).toBe(202);
  await until("the journal is read", async () => (await system.message(first, "JOURNAL3")) !== undefined);
  await system.drained();
}

describe("with PSEUDONYMISE_CHATS", () => {
  it("all counts are the same as without, including unique chats", async () => {
    const exact = [...day.instances, day.instances.join(",")];
    for (const instances of exact) {
      expect(orderIndependentPart(await on.metrics(instances))).toEqual(
        orderIndependentPart(await off.metrics(instances)),
      );
    }
    const [masked, plain] = [await on.metrics(MANY), await off.metrics(MANY)];
    expect({ ...orderIndependentPart(masked), uniqueChats: 0, uniqueContacts: 0 }).toEqual({
      ...orderIndependentPart(plain),
      uniqueChats: 0,
      uniqueContacts: 0,
    });
    expect(Math.abs(masked.uniqueChats - MANY_CHATS)).toBeLessThan(0.03 * MANY_CHATS);
  });

  it("a message shows pseudonyms of the same kind, and one for each recipient", async () => {
    expect((await on.message(first, "DEVICE"))?.chatId).toMatch(/^[01]\d{19}@c\.us$/);
    expect((await on.message(first, "LID"))?.chatId).toMatch(/^[01]\d{19}@c\.us$/);
    const story = await on.message(first, "STORY");
    expect(story?.chatId).toBe("status@broadcast");
    const plain = await off.message(first, "STORY");
    const servers = (all: typeof story) => all?.recipients?.map(({ chatId }) => chatId.replace(/^.*@/, "")).sort();
    expect(servers(story)).toEqual(servers(plain));
    for (const { chatId } of story?.recipients ?? []) expect(chatId).toMatch(/^[01]\d{19}@/);
    expect((await on.message(first, "FAILED"))?.description).toMatch(/^Uploader Error: [01]\d{19}@c\.us \*\*\*$/);
  });

  it("no number is in the append-only file, the queue, the quarantine or a log; without the setting they are", async () => {
    const { text } = await on.get("/quarantine?limit=100");
    expect((JSON.parse(text) as { size: number }).size).toBe(3);
    for (const app of ["ingest", "worker", "api"] as const) expect(numbersIn(Buffer.from(on.output(app)))).toEqual([]);
    const [masked, plain] = [await appendOnlyFile(on), await appendOnlyFile(off)];
    expect(numbersIn(masked)).toEqual([]);
    expect(numbersIn(plain).length).toBeGreaterThan(NUMBERS.size - 5);
    for (const note of ["900 666", "79008889900", "79009990011", "+79001010101"])
      expect(masked.includes(note)).toBe(false);
  });

  it("Meta's message ids, which contain phone numbers, are stored as pseudonyms, and find their messages", async () => {
    const { number, instance } = freshNumber();
    // Meta's message ids are base64 of a text with the phone number.
    const holding = Buffer.from(`\x1c\x18\x0b${PERSON}\x15\x02\x00\x11\x18\x12`, "latin1").toString("base64");
    const member = { recipient_type: "group", recipient_id: "GROUP-1", recipient_participant_id: PERSON };
    const statuses = [status(holding, "read"), status(holding, "evaporated"), status("G", "read", member)];
    await postAsMeta(on, metaBody(changeOf(number, { statuses })));
    expect(await on.counted(instance)).toMatchObject({ messagesSent: 2, uniqueContacts: 1, uniqueGroups: 1 });
    const message = await on.message(instance, `wamid.${holding}`);
    expect(message?.idMessage).toMatch(/^wamid\.\d{20}$/);
    expect(message?.chatId).toMatch(/^\d{20}@c\.us$/);
    expect(await on.message(instance, message?.idMessage ?? "")).toEqual(message);
    const file = (await appendOnlyFile(on)).toString("latin1");
    expect(file).toContain("evaporated");
    for (const text of [PERSON, holding]) expect(file.includes(text)).toBe(false);
  });

  it("a process without a key, or with a short one, does not start and reports why", async () => {
    const port = await freePort();
    const starting = ["", "short"].map(async (key) => {
      const env = { REDIS_URL: on.redisUrl, WORKER_OPS_PORT: String(port), ...ON, TICKTALLY_PSEUDONYM_KEY: key };
      const worker = new AppProcess("worker", env, `http://127.0.0.1:${port}`);
      await expect(worker.start()).rejects.toThrow(/TICKTALLY_PSEUDONYM_KEY .*32 characters/);
    });
    await Promise.all(starting);
  });
});

/** Every command that Redis has written since its start, so it also contains deleted jobs. */
async function appendOnlyFile(system: System): Promise<Buffer> {
  const folder = join(system.dir, "redis", "appendonlydir");
  return Buffer.concat(await Promise.all((await readdir(folder)).map(async (name) => readFile(join(folder, name)))));
}

/** The numbers that the content contains, as digits or packed as in records and sets of chats. */
function numbersIn(content: Buffer): readonly string[] {
  const text = content.toString("latin1");
  const plain = new Set(text.match(/(?<!\d)79\d{3,}/g));
  return [...NUMBERS].filter((chatId) => {
    const user = chatId.replace(/@.*/, "");
    return plain.has(/^\d+/.exec(user)?.[0] ?? "") || content.includes(packRecipientId(chatId));
  });
}
