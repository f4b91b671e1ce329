import {
  contributionOf,
  CounterChanges,
  hourOf,
  LABELS_A_MESSAGE_MAX,
  LABELS_MAX,
  messageOf,
  moveCounts,
  newContribution,
  SLOT_SHARED,
  type LabelledId,
  type MessageEvent,
} from "@ticktally/core";
import {
  applyTo,
  everything,
  HISTORY_START,
  messageHistory,
  NOW,
  sentAndDelivered,
  shuffledWithRepeats,
} from "@ticktally/core/testing";
import fc from "fast-check";
import { afterAll, describe, expect, it } from "vitest";
import { PendingAdder } from "../commit/pending-adder.ts";
import { INSTANCE_KEYS } from "../keys.ts";
import { testConnection, testKeys, testStore } from "../testing.ts";

const [redis, other] = [testConnection("worker"), testConnection("worker")];
const keys = testKeys();
const damaged: string[] = [];
const onDamage = (instance: string) => damaged.push(instance);
/** Separate stores, because a worker's cache does not see the api's changes at once. */
const worker = testStore(redis, { keys, retentionDays: 30, onDamage });
const api = testStore(other, { keys, retentionDays: 30, onDamage });
const adder = new PendingAdder({ redis, keys, onDamage });
let instances = 0;

afterAll(() => {
  redis.disconnect();
  other.disconnect();
  expect(damaged).toEqual([]);
});

function freshInstance(): string {
  return `9${String(++instances)}`;
}

const [FROM, TO] = [hourOf(HISTORY_START) - 240, hourOf(NOW / 1000) + 240];

/** The hourly counts of each label, and of all labelled messages together. */
async function countsOf(instance: string) {
  const [counts, once] = [new Map<string, number>(), new Map<string, number>()];
  const add = (sums: Map<string, number>, key: string, by: number) => sums.set(key, (sums.get(key) ?? 0) + by);
  await api.labels.eachLabelCount(instance, FROM, TO, (label, hour, slot, count) => {
    const own = slot % SLOT_SHARED;
    if (slot < SLOT_SHARED) add(counts, `${label} ${String(hour)} ${String(slot)}`, count);
    add(once, `${String(hour)} ${String(own)}`, slot < SLOT_SHARED ? count : -count);
  });
  const shown = (sums: Map<string, number>) => Object.fromEntries([...sums].filter(([, n]) => n !== 0).sort());
  return { counts: shown(counts), once: shown(once) };
}

async function messagesOf(instance: string) {
  const names = new Map([...(await api.labels.labelNumbers(instance))].map(([name, number]) => [number, name]));
  const { messages } = await api.list(instance, { filter: {}, limit: 1_000 });
  return { names, messages };
}

/** The same, calculated from the records. */
async function recounted(instance: string) {
  const changes = new CounterChanges();
  const { names, messages } = await messagesOf(instance);
  for (const record of messages) moveCounts(newContribution(), contributionOf(record, newContribution()), changes);
  const counts: Record<string, number> = {};
  changes.takeLabels((label, hour, slot, by) => {
    if (slot < SLOT_SHARED) counts[`${names.get(label) ?? ""} ${String(hour)} ${String(slot)}`] = by;
  });
  return Object.fromEntries(Object.entries(counts).sort());
}

async function labelsOfMessages(instance: string) {
  const { names, messages } = await messagesOf(instance);
  return messages
    .map((record) => {
      const labels = record.labels.map((label) => names.get(label) ?? "?").sort();
      return `${record.direction} ${record.idMessage} ${record.chatId} ${messageOf(record).status} ${labels.join()}`;
    })
    .sort();
}

interface Call {
  readonly label: string;
  readonly ids: readonly LabelledId[];
}

const CHATS = ["5000000001", "5000000002"] as const;

/** A history of events, calls that label its messages, and the order of both. */
const labelled = fc.tuple(messageHistory, fc.boolean()).chain(([history, isScoped]) => {
  const events = history.map((event, i): MessageEvent => {
    if (!isScoped) return event;
    return {
      ...event,
      idMessage: i % 3 === 0 ? "5" : "6",
      chatId: CHATS[i % 2] ?? CHATS[0],
      chatKind: "individual",
      chatScoped: true,
    };
  });
  const ids = [...new Set(events.map(({ idMessage }) => idMessage))];
  const chat = isScoped ? fc.option(fc.constantFrom(...CHATS), { nil: undefined }) : fc.constant(undefined);
  const id = fc
    .tuple(fc.constantFrom(...ids, "never seen"), chat)
    .map(([idMessage, chatId]) => ({ idMessage, chatId }));
  const call = fc.record({ label: fc.constantFrom("spring", "ümlaut", "a"), ids: fc.array(id, { maxLength: 4 }) });
  return fc.tuple(
    fc.constant(events),
    shuffledWithRepeats(events),
    fc.array(call, { minLength: 1, maxLength: 5 }),
    fc.infiniteStream(fc.nat(3)),
  );
});

describe("labels", () => {
  it("give the same messages and counts if they are set before, after or between the events, and match the records", async () => {
    const property = fc.asyncProperty(labelled, async ([events, repeated, calls, stream]) => {
      const [before, after, between] = [freshInstance(), freshInstance(), freshInstance()];
      const set = async (instance: string, all: readonly Call[]) => {
        for (const { label, ids } of all)
          expect(await api.labels.label(instance, label, ids)).toHaveProperty("labelled");
      };
      await set(before, calls);
      await applyTo(worker, before, repeated);
      await applyTo(worker, after, events);
      await set(after, calls.toReversed());
      const [left, more] = [[...calls, ...calls], [...repeated]];
      for (const size of stream) {
        if (left.length === 0 && more.length === 0) break;
        if (size === 0) await set(between, left.splice(0, 1));
        else await applyTo(worker, between, more.splice(0, size));
        if (size === 1) await adder.add(between);
      }
      const expected = { ...(await countsOf(after)), messages: await labelsOfMessages(after) };
      for (const instance of [before, between]) {
        expect({ ...(await countsOf(instance)), messages: await labelsOfMessages(instance) }).toEqual(expected);
        expect(await api.labels.labels(instance)).toEqual(await api.labels.labels(after));
        const [own, others] = [await everything(api, instance, events), await everything(api, after, events)];
        expect(own.times).toEqual(others.times);
      }
      expect((await countsOf(before)).counts).toEqual(await recounted(before));
      await adder.add(after);
      expect({ ...(await countsOf(after)), messages: await labelsOfMessages(after) }).toEqual(expected);
    });
    await fc.assert(property, { numRuns: 40 });
  });

  const [sent, delivered] = sentAndDelivered(undefined, "A1");

  it("list a message once it exists, and no id without a message", async () => {
    const instance = freshInstance();
    await api.labels.label(instance, "spring", [{ idMessage: "A1" }]);
    expect((await api.list(instance, { filter: {}, limit: 10 })).messages).toEqual([]);
    expect(await api.messagesOf(instance, "A1", "outgoing")).toEqual([]);
    expect(await api.labels.labels(instance)).toEqual([{ label: "spring", messages: 0 }]);
    expect(await applyTo(worker, instance, [{ ...sent, idMessage: "B2" }, sent])).toEqual(["created", "created"]);
    const { messages } = await api.list(instance, { filter: {}, limit: 10 });
    expect(messages.map(({ idMessage }) => idMessage)).toEqual(["A1", "B2"]);
    const number = (await api.labels.labelNumbers(instance)).get("spring");
    const page = await api.list(instance, { filter: { label: number ?? 0 }, limit: 10 });
    expect(page.messages.map(({ idMessage }) => idMessage)).toEqual(["A1"]);
  });

  it("are kept if the chat of the message is forgotten", async () => {
    const instance = freshInstance();
    await applyTo(worker, instance, [sent]);
    await api.labels.label(instance, "spring", [{ idMessage: "A1" }]);
    await api.forgetChat(instance, sent.chatId ?? "");
    await applyTo(worker, instance, [delivered]);
    expect(await labelsOfMessages(instance)).toEqual([expect.stringMatching(/^outgoing A1 @.* delivered spring$/)]);
    expect((await countsOf(instance)).counts).toEqual(await recounted(instance));
  });

  it("start empty after a deletion: old messages do not have the new label of the same name", async () => {
    const instance = freshInstance();
    await applyTo(worker, instance, [sent, { ...sent, idMessage: "B2" }]);
    for (const label of ["spring", "other"])
      await api.labels.label(instance, label, [{ idMessage: "A1" }, { idMessage: "waits" }]);
    await adder.add(instance);
    expect(await api.labels.deleteLabel(instance, "spring")).toBe(true);
    expect(await api.labels.deleteLabel(instance, "spring")).toBe(false);
    expect(await api.labels.labels(instance)).toEqual([{ label: "other", messages: 1 }]);
    await api.labels.label(instance, "spring", [{ idMessage: "B2" }]);
    await applyTo(worker, instance, [delivered, { ...delivered, idMessage: "waits" }]);
    await adder.add(instance);
    expect((await api.labels.labels(instance)).map(({ messages }) => messages)).toEqual([2, 1]);
    expect((await countsOf(instance)).counts).toEqual(await recounted(instance));
    const stored = await redis.hkeys(`${keys.instance(instance)}${INSTANCE_KEYS.LABELS}`);
    expect(stored.sort()).toEqual(["", "other", "spring"]);
  });

  it("are all refused if one message would have too many, and nothing is written", async () => {
    const instance = freshInstance();
    await applyTo(worker, instance, [sent]);
    for (let n = 0; n < LABELS_A_MESSAGE_MAX; n++)
      await api.labels.label(instance, `label ${String(n)}`, [{ idMessage: "A1" }]);
    const ids = [{ idMessage: "C3" }, { idMessage: "A1" }];
    expect(await api.labels.label(instance, "one more", ids)).toEqual({ refusal: "too_many_of_message" });
    expect(await api.labels.labels(instance)).toHaveLength(LABELS_A_MESSAGE_MAX);
    expect(await api.labels.label(instance, "label 7", ids)).toEqual({ labelled: 1 });
    await api.labels.deleteLabel(instance, "label 7");
    expect(await api.labels.label(instance, "one more", ids)).toEqual({ labelled: 1 });
  });

  it("are limited in number, and so are ids without messages", async () => {
    const instance = freshInstance();
    await api.labels.label(instance, "spring", [{ idMessage: "A1" }]);
    const root = keys.instance(instance);
    const more = Array.from({ length: LABELS_MAX - 1 }, (_, i) => [`label ${String(i)}`, i + 2]).flat();
    await redis.hset(root + INSTANCE_KEYS.LABELS, "", LABELS_MAX, ...more);
    expect(await api.labels.label(instance, "one more", [{ idMessage: "B2" }])).toEqual({ refusal: "too_many_labels" });
    await redis.hset(root + INSTANCE_KEYS.LABEL_WAITING, Math.floor(Date.now() / 86_400_000), 99_998);
    const two = [{ idMessage: "B2" }, { idMessage: "C3" }];
    expect(await api.labels.label(instance, "spring", two)).toEqual({ refusal: "too_many_waiting" });
    expect(await api.labels.label(instance, "spring", two.slice(1))).toEqual({ labelled: 0 });
    await applyTo(worker, instance, [sent]);
    expect(await api.labels.label(instance, "spring", two)).toEqual({ labelled: 0 });
  });

  it("are only counted in total if an instance has too many hours of labels", async () => {
    const instance = freshInstance();
    await applyTo(worker, instance, [sent]);
    await redis.hset(keys.instance(instance) + INSTANCE_KEYS.LABEL_DAYS, Math.floor(Date.now() / 86_400_000), 100_000);
    await api.labels.label(instance, "spring", [{ idMessage: "A1" }]);
    await adder.add(instance);
    expect(await api.labels.labels(instance)).toEqual([{ label: "spring", messages: 1 }]);
    expect((await countsOf(instance)).counts).toEqual({});
    await api.labels.deleteLabel(instance, "spring");
    await adder.add(instance);
  });

  it("cost 4 bytes in a record for the first label and 3 for each further one, and nothing without labels", async () => {
    const instance = freshInstance();
    await applyTo(worker, instance, [sent]);
    const bytes = async () => {
      const fields = await redis.hgetallBuffer(`${keys.instance(instance)}${INSTANCE_KEYS.MESSAGES}0:0`);
      return Object.values(fields).map((value) => value.length);
    };
    const [before = 0] = await bytes();
    await api.labels.label(instance, "spring", [{ idMessage: "A1" }]);
    expect(await bytes()).toEqual([before + 4]);
    await api.labels.label(instance, "autumn", [{ idMessage: "A1" }]);
    expect(await bytes()).toEqual([before + 7]);
  });

  it("are deleted with the instance, at once and from Redis", async () => {
    const instance = freshInstance();
    await api.labels.label(instance, "spring", [{ idMessage: "A1" }, { idMessage: "B2" }]);
    await applyTo(worker, instance, [sent]);
    await adder.add(instance);
    await api.forget(instance);
    expect(await api.labels.labels(instance)).toEqual([]);
    await api.erase();
    expect(await redis.keys(`${keys.instance(instance)}*label*`)).toEqual([]);
    await applyTo(worker, instance, [{ ...sent, idMessage: "B2" }]);
    expect(await labelsOfMessages(instance)).toEqual([expect.stringMatching(/ $/)]);
  });

  it("are set even if a worker changes the messages meanwhile", async () => {
    const instance = freshInstance();
    const ids = Array.from({ length: 60 }, (_, n) => `id ${String(n)}`);
    const calls = ids.map(async (idMessage, n) => {
      const chat = { chatId: "5000000001", chatKind: "individual", chatScoped: true } as const;
      const event: MessageEvent = n % 2 === 0 ? { ...sent, idMessage } : { ...sent, ...chat, idMessage };
      const set = api.labels.label(instance, "spring", [{ idMessage }]);
      await Promise.all([applyTo(worker, instance, [event]), set]);
    });
    await Promise.all(calls);
    expect(await api.labels.labels(instance)).toEqual([{ label: "spring", messages: 60 }]);
    const { messages } = await api.list(instance, { filter: {}, limit: 100 });
    expect(messages.filter(({ labels }) => labels.length === 1).map(messageOf)).toHaveLength(60);
  });
});
