import { UnknownInstanceError, type InstanceEvent, type InstanceId } from "@ticktally/core";
import { applyTo, HISTORY_START } from "@ticktally/core/testing";
import { afterAll, describe, expect, it } from "vitest";
import { INSTANCE_KEYS } from "../keys.ts";
import { testConnection, testKeys, testStore } from "../testing.ts";

const redis = testConnection("worker");
const keys = testKeys();
const registered = new Set<InstanceId>();
let asked = 0;
/** Called between the request and the answer of `admit`. */
let meanwhile: () => Promise<void> = async () => Promise.resolve();
const admit = async (instances: readonly InstanceId[]) => {
  asked += 1;
  const admitted = new Set(instances.filter((instance) => registered.has(instance)));
  await meanwhile();
  return admitted;
};
const worker = () => testStore(redis, { keys, retentionDays: 30, admit });
const api = testStore(redis, { keys, retentionDays: 30 });

afterAll(() => {
  redis.disconnect();
});

function sent(id: string): InstanceEvent {
  const times = { at: HISTORY_START, receivedAt: HISTORY_START + 1 };
  return { kind: "status", status: "sent", idMessage: id, chatId: "79001234567@c.us", origin: "api", ...times };
}

/** Delete an instance as the api does. */
async function remove(instance: InstanceId): Promise<void> {
  registered.delete(instance);
  await api.forget(instance);
}

/** The keys that remain after everything of an instance was erased, with their time to live in seconds. */
async function left(instance: InstanceId): Promise<Readonly<Record<string, number>>> {
  await api.erase();
  const names = await redis.keys(`${keys.instance(instance)}*`);
  const ttls = await Promise.all(names.map(async (name) => redis.ttl(name)));
  return Object.fromEntries(names.map((name, i) => [name.slice(keys.instance(instance).length), ttls[i] ?? 0]));
}

describe("a deleted instance", () => {
  it.each([
    ["had messages", true],
    ["had none", false],
  ])("is not stored by a worker that has read it before: it %s", async (_, hadMessages) => {
    const [instance, other] = [`1${String(hadMessages)}`, `2${String(hadMessages)}`];
    registered.add(instance).add(other);
    const store = worker();
    if (hadMessages) await applyTo(store, instance, [sent("A")]);
    await remove(instance);
    const both = [other, instance].map((of) => ({ instance: of, events: [sent("B")] }));
    await expect(store.apply(both)).rejects.toThrow(UnknownInstanceError);
    expect(await store.message(other, "B", "outgoing")).toBeDefined();
    expect(Object.keys(await left(instance))).toEqual([INSTANCE_KEYS.META]);
    expect((await left(instance))[INSTANCE_KEYS.META]).toBeGreaterThan(0);
  });

  it.each([true, false])(
    "is not stored if it is deleted while a worker checks it, whether it had messages: %s",
    async (had) => {
      const instance = `3${String(had)}`;
      registered.add(instance);
      if (had) await applyTo(worker(), instance, [sent("A")]);
      meanwhile = async () => {
        meanwhile = async () => Promise.resolve();
        await remove(instance);
        await api.erase();
      };
      await expect(applyTo(worker(), instance, [sent("B")])).rejects.toThrow(UnknownInstanceError);
      expect(Object.keys(await left(instance))).toEqual([INSTANCE_KEYS.META]);
    },
  );

  it("that is created again starts from zero, and is kept", async () => {
    const instance = "4";
    registered.add(instance);
    const store = worker();
    await applyTo(store, instance, [sent("A")]);
    await remove(instance);
    await api.erase();
    registered.add(instance);
    expect(await applyTo(store, instance, [sent("A")])).toEqual(["created"]);
    expect((await left(instance))[INSTANCE_KEYS.META]).toBe(-1);
    await remove(instance);
    await api.erase();
    await api.changeSettings(instance, { ignoreGroupMessages: true });
    expect((await left(instance))[INSTANCE_KEYS.META]).toBe(-1);
  });

  it("is checked once by each worker between creation and deletion, whatever happens to its messages", async () => {
    const [instance, store, another] = ["5", worker(), worker()];
    registered.add(instance);
    for (let n = 0; n < 5; n++) {
      await applyTo(store, instance, [sent(`A${String(n)}`)]);
      await applyTo(another, instance, [sent(`A${String(n)}`), sent("B")]);
    }
    const before = asked;
    for (let n = 0; n < 5; n++)
      await Promise.all([applyTo(store, instance, [sent("B")]), applyTo(another, instance, [sent("B")])]);
    await api.changeSettings(instance, { ignoreGroupMessages: true });
    await applyTo(store, instance, [sent("B")]);
    expect(asked).toBe(before);
  });
});
