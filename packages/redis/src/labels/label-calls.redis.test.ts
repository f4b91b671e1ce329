import {
  LABELLED_AT_ONCE_MAX,
  LABELS_A_MESSAGE_MAX,
  UnknownInstanceError,
  WAITING_IDS_MAX,
  type LabelledId,
  type MessageEvent,
} from "@ticktally/core";
import { applyTo, sentAndDelivered } from "@ticktally/core/testing";
import { afterAll, describe, expect, it } from "vitest";
import { PendingAdder } from "../commit/pending-adder.ts";
import { INSTANCE_KEYS } from "../keys.ts";
import { testConnection, testKeys, testStore } from "../testing.ts";

const keys = testKeys();
const damaged: string[] = [];
const onDamage = (instance: string) => damaged.push(instance);
const connections: ReturnType<typeof testConnection>[] = [];

/** Simulates a separate process. */
function process(admit?: (instances: readonly string[]) => Promise<ReadonlySet<string>>) {
  const redis = testConnection("worker");
  connections.push(redis);
  const options = { keys, retentionDays: 30, onDamage, ...(admit === undefined ? {} : { admit }) };
  return { redis, store: testStore(redis, options) };
}

/** Simulates a process that ends after a number of commits. */
function processThatEnds(commits: number) {
  const { redis, store } = process();
  const send = redis.commitBatch.bind(redis);
  let done = 0;
  redis.commitBatch = async (...args: Parameters<typeof send>) => {
    if (done++ === commits) redis.disconnect();
    return send(...args);
  };
  return store;
}

const { redis, store: worker } = process();
const [api, other] = [process().store, process().store];
const adder = new PendingAdder({ redis, keys, onDamage });

afterAll(() => {
  for (const connection of connections) connection.disconnect();
  expect(damaged).toEqual([]);
});

let instances = 0;
const freshInstance = () => `8${String(++instances)}`;
const [sent] = sentAndDelivered(undefined, "A1");
const idsFrom = (first: number, length: number) =>
  Array.from({ length }, (_, n): LabelledId => ({ idMessage: `id ${String(first + n)}` }));
const ALL = idsFrom(0, LABELLED_AT_ONCE_MAX);

async function withMessages(ids: readonly LabelledId[]): Promise<string> {
  const instance = freshInstance();
  for (let from = 0; from < ids.length; from += 500) {
    const events = ids.slice(from, from + 500).map(({ idMessage }): MessageEvent => ({ ...sent, idMessage }));
    await applyTo(worker, instance, events);
  }
  return instance;
}

/** The number of messages of each label, from the counts and from the records; "?" is a label without a name. */
async function labelled(instance: string) {
  const names = new Map([...(await api.labels.labelNumbers(instance))].map(([name, number]) => [number, name]));
  const counted = Object.fromEntries(
    (await api.labels.labels(instance)).map(({ label, messages }) => [label, messages]),
  );
  const found: Record<string, number> = {};
  let cursor: string | undefined;
  do {
    const page = await api.list(instance, { filter: {}, limit: 1_000, ...(cursor === undefined ? {} : { cursor }) });
    for (const { labels } of page.messages)
      for (const label of labels) found[names.get(label) ?? "?"] = (found[names.get(label) ?? "?"] ?? 0) + 1;
    cursor = page.nextCursor;
  } while (cursor !== undefined);
  return { counted, found };
}

const all = (names: Record<string, number>) => ({ counted: names, found: names });

describe("a call that labels a thousand ids is atomic", () => {
  it.each([
    ["the next check for unfinished calls", async () => api.labels.finishAll()],
    ["another call", async (instance: string) => api.labels.label(instance, "spring", [{ idMessage: "id 0" }])],
  ])("if its process ends meanwhile: %s completes it", async (_, finish) => {
    const instance = await withMessages(ALL.slice(0, 900));
    await expect(processThatEnds(4).labels.label(instance, "spring", ALL)).rejects.toThrow();
    const half = await labelled(instance);
    expect(half.counted).toEqual({ spring: 400 });
    await finish(instance);
    expect(await labelled(instance)).toEqual(all({ spring: 900 }));
    await applyTo(
      worker,
      instance,
      ALL.slice(900).map(({ idMessage }): MessageEvent => ({ ...sent, idMessage })),
    );
    expect(await labelled(instance)).toEqual(all({ spring: 1_000 }));
    await api.labels.finishAll();
    expect(await redis.sismember(keys.labelsUnfinished, instance)).toBe(0);
  });

  it("if its process ends meanwhile and the label is then deleted: nothing is left", async () => {
    const instance = await withMessages(ALL);
    await expect(processThatEnds(4).labels.label(instance, "spring", ALL)).rejects.toThrow();
    expect(await other.labels.deleteLabel(instance, "spring")).toBe(true);
    expect(await labelled(instance)).toEqual(all({}));
  });

  it("if Redis becomes unreachable before it: the label does not exist", async () => {
    const instance = await withMessages(ALL);
    const { redis: disconnected, store } = process();
    // The last command before the call is stored.
    disconnected.sadd = async () => {
      disconnected.disconnect();
      return disconnected.ping().then(() => 0);
    };
    await expect(store.labels.label(instance, "spring", ALL)).rejects.toThrow();
    await api.labels.finishAll();
    expect(await labelled(instance)).toEqual(all({}));
  });

  it("if the label is deleted meanwhile", async () => {
    const instance = await withMessages(ALL);
    for (let round = 0; round < 6; round++) {
      const set = api.labels.label(instance, "spring", ALL);
      const removed = other.labels.deleteLabel(instance, "spring");
      expect(await set).toEqual({ labelled: 1_000 });
      await removed;
      expect([all({}), all({ spring: 1_000 })]).toContainEqual(await labelled(instance));
      await api.labels.deleteLabel(instance, "spring");
    }
  });

  it("if the instance is deleted meanwhile: nothing of it is left", async () => {
    const instance = await withMessages(ALL);
    let isRegistered = true;
    const admitting = process(async (ids) => Promise.resolve(new Set(isRegistered ? ids : []))).store;
    const begun = admitting.labels.label(instance, "spring", ALL).catch((error: unknown) => error);
    await other.forget(instance);
    isRegistered = false;
    await other.forget(instance);
    await begun;
    expect(await api.labels.labels(instance)).toEqual([]);
    await expect(admitting.labels.label(instance, "spring", ALL)).rejects.toThrow(UnknownInstanceError);
    await api.labels.finishAll();
    await api.erase();
    expect(await redis.keys(`${keys.instance(instance)}*`)).toEqual([keys.instance(instance) + INSTANCE_KEYS.META]);
  });

  it("where the instance is deleted before anything else is stored of it: nothing is left of its ids", async () => {
    const instance = freshInstance();
    await expect(processThatEnds(0).labels.label(instance, "spring", ALL)).rejects.toThrow();
    expect((await redis.keys(`${keys.instance(instance)}*`)).length).toBeGreaterThan(1);
    // An instance without data is about to expire, but not one with labels that was made again.
    await redis.sadd(keys.forgotten, instance);
    await api.erase();
    expect(await redis.ttl(keys.instance(instance) + INSTANCE_KEYS.META)).toBe(-1);
    await other.forget(instance);
    await api.erase();
    expect(await redis.keys(`${keys.instance(instance)}*`)).toEqual([keys.instance(instance) + INSTANCE_KEYS.META]);
    expect(await redis.ttl(keys.instance(instance) + INSTANCE_KEYS.META)).toBeGreaterThan(0);
  });

  it("if one of two concurrent calls adds the last label that a message may have", async () => {
    const instance = await withMessages(ALL);
    const most = Array.from({ length: LABELS_A_MESSAGE_MAX - 1 }, (_, n) => `label ${String(n)}`);
    for (const label of most) await api.labels.label(instance, label, [{ idMessage: "id 700" }]);
    const given = await Promise.all([
      api.labels.label(instance, "spring", ALL),
      other.labels.label(instance, "autumn", ALL),
    ]);
    expect(given).toContainEqual({ labelled: 1_000 });
    expect(given).toContainEqual({ refusal: "too_many_of_message" });
    const { counted, found } = await labelled(instance);
    expect(found).toEqual(counted);
    expect(Object.values(counted).filter((messages) => messages === 1_000)).toHaveLength(1);
    expect(Object.keys(counted)).toHaveLength(LABELS_A_MESSAGE_MAX);
  });

  it("if one of two concurrent calls has the last ids that may wait for their messages", async () => {
    const instance = await withMessages(ALL.slice(0, 400));
    const waiting = keys.instance(instance) + INSTANCE_KEYS.LABEL_WAITING;
    await redis.hset(waiting, Math.floor(Date.now() / 86_400_000), WAITING_IDS_MAX - 700);
    const given = await Promise.all([
      api.labels.label(instance, "spring", ALL),
      other.labels.label(instance, "autumn", [...ALL.slice(0, 400), ...idsFrom(1_000, 600)]),
    ]);
    await adder.add(instance);
    expect(given).toContainEqual({ labelled: 400 });
    expect(given).toContainEqual({ refusal: "too_many_waiting" });
    const { counted, found } = await labelled(instance);
    expect(found).toEqual(counted);
    expect(Object.values(counted)).toEqual([400]);
    const days = await redis.hvals(waiting);
    expect(days.reduce((sum, ids) => sum + Number(ids), 0)).toBe(WAITING_IDS_MAX - 100);
  });

  it("and counts each repeated id once", async () => {
    const instance = await withMessages(ALL.slice(0, 1));
    const often = ALL.map(() => ({ idMessage: "id 0" }));
    expect(await api.labels.label(instance, "spring", often)).toEqual({ labelled: 1 });
  });
});

describe("a label whose deletion was interrupted", () => {
  it("is removed from all messages by another process, while a new label of the same name starts empty", async () => {
    const instance = await withMessages([...ALL, ...idsFrom(1_000, 2_000)]);
    for (const from of [0, 1_000, 2_000]) await api.labels.label(instance, "spring", idsFrom(from, 1_000));
    await adder.add(instance);
    await expect(processThatEnds(1).labels.deleteLabel(instance, "spring")).rejects.toThrow();
    const { counted, found } = await labelled(instance);
    expect(counted).toEqual({});
    expect(found["?"]).toBeGreaterThan(500);
    expect(found["?"]).toBeLessThan(3_000);
    expect(await api.labels.label(instance, "spring", ALL.slice(0, 10))).toEqual({ labelled: 10 });
    await api.labels.finishAll();
    expect(await labelled(instance)).toEqual(all({ spring: 10 }));
    await adder.add(instance);
    expect(await labelled(instance)).toEqual(all({ spring: 10 }));
  });
});
