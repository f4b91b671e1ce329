import { backupKey, newInstance } from "@ticktally/schemas";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { keysOfEpoch, packPeriods } from "./instances/instance-epoch.ts";
import { INSTANCE_KEYS, Keys } from "./keys.ts";

const keys = new Keys();

/** Every key of an instance, and every prefix of its keys. */
const OF_INSTANCE: Readonly<Record<string, (id: string) => readonly string[]>> = {
  instance: (id) => Object.values(INSTANCE_KEYS).map((name) => keys.instance(id) + name),
  gatewayPace: (id) => [keys.gatewayPace(id)],
  pullLease: (id) => [keys.pullLease(id)],
};
const OF_NO_INSTANCE: Readonly<Record<string, (n: number) => string>> = {
  queuePrefix: (n) => keys.queuePrefix(n),
  queueReceipts: (n) => keys.queueReceipts(n)[0] ?? "",
  trial: (n) => keys.trial(n),
  instanceNames: () => keys.instanceNames,
  instanceNamesOld: () => keys.instanceNamesOld,
  instancesByName: () => keys.instancesByName,
  namesInOrder: () => keys.namesInOrder,
  registrationOrder: () => keys.registrationOrder,
  summedPlaces: () => keys.summedPlaces,
  summedOnce: () => keys.summedOnce,
  tokens: () => keys.tokens,
  instanceTokens: () => keys.instanceTokens,
  rateLimitPrefix: () => keys.rateLimitPrefix,
  upstreams: () => keys.upstreams,
  reconciliations: () => keys.reconciliations,
  forgotten: () => keys.forgotten,
  labelsUnfinished: () => keys.labelsUnfinished,
  deletedInstances: () => keys.deletedInstances,
  quarantine: () => keys.quarantine,
  heartbeats: () => keys.heartbeats,
  heartbeatPrefix: () => keys.heartbeatPrefix,
  readTokens: () => keys.readTokens,
  readTokenUses: () => keys.readTokenUses,
  sessionPrefix: () => keys.sessionPrefix,
  quarantineOrder: () => keys.quarantineOrder,
  quarantineTags: () => keys.quarantineTags,
  quarantineShares: () => keys.quarantineShares,
  quarantineBytes: () => keys.quarantineBytes,
  quarantineOwn: () => keys.quarantineOwn,
  outboxesWanted: () => keys.outboxesWanted,
  outboxesWantedSince: () => keys.outboxesWantedSince,
  forwarding: () => keys.forwarding,
  alerting: () => keys.alerting,
  forwardQueuePrefix: () => keys.forwardQueuePrefix,
};

/** The part of a key that determines its slot in Redis Cluster. */
function hashTag(key: string): string | undefined {
  return /^[^{]*\{([^}]+)\}/.exec(key)?.[1];
}

const said = fc.oneof(
  fc.stringMatching(/^\d{1,21}$/),
  fc.maxSafeNat(),
  fc.double(),
  fc.string({ unit: "binary" }),
  fc.stringMatching(/^[\d{}:*?[\]\n\0-]{1,21}$/),
  fc.stringMatching(/^[a-z-]{1,8}(:[\w.+~-]{1,12}){1,2}$/),
);
/** Any text in a request that is accepted as an instance id. */
const id = said
  .map((idInstance) => newInstance.safeParse({ idInstance }).data?.idInstance)
  .filter((found) => found !== undefined);
/** Pairs of different, but very similar ids. */
const twoIds = fc
  .oneof(
    fc.tuple(id, id),
    fc.tuple(id, fc.nat(9)).map(([first, digit]) => [first, `${first}${String(digit)}`] as const),
    id.map((first) => [first, `0${first}`] as const),
  )
  .filter(([first, second]) => first !== second && second.length <= 20);

/** Whether one of them is a prefix of the other, or equal. */
const begins = (one: string, other: string) => one.startsWith(other) || other.startsWith(one);

const namesOf = (instance: string) => Object.values(OF_INSTANCE).flatMap((make) => make(instance));

describe("keys", () => {
  it("are all tested here", () => {
    const all = Object.getOwnPropertyNames(Keys.prototype).filter((name) => name !== "constructor");
    expect(Object.keys({ ...OF_INSTANCE, ...OF_NO_INSTANCE }).toSorted()).toEqual(all.toSorted());
  });

  it("of an instance are in one slot for every id, and contain no pattern characters", () => {
    fc.assert(
      fc.property(id, (instance) => {
        for (const name of namesOf(instance)) {
          expect(hashTag(name)).toBe(instance);
          expect(name).toMatch(/^ticktally:\{[\w:.+~-]{1,162}\}:[a-z-]+:?$/i);
        }
      }),
    );
  });

  it("of one instance are no prefix of another instance's keys", () => {
    fc.assert(
      fc.property(twoIds, ([first, second]) => {
        expect(keys.instance(second).startsWith(keys.instance(first))).toBe(false);
        const others = [keys.instance(second), ...namesOf(second)];
        const shared = namesOf(first).flatMap((one) => others.filter((other) => begins(one, other)));
        expect(shared).toEqual([]);
      }),
    );
  });

  it("of an instance are no prefix of keys of the registry or a queue, and vice versa", () => {
    fc.assert(
      fc.property(id, fc.nat(), (instance, n) => {
        for (const make of Object.values(OF_NO_INSTANCE))
          expect([keys.instance(instance), ...namesOf(instance)].filter((name) => begins(name, make(n)))).toEqual([]);
      }),
    );
  });

  it("of an epoch are all listed, so that they are deleted with it, exported and imported", () => {
    const { META, COUNTS, RETRACTED, PENDING, OUTBOX, FORGOTTEN, IMPORTING } = INSTANCE_KEYS;
    const ofNone: readonly string[] = [META, COUNTS, RETRACTED, PENDING, OUTBOX, FORGOTTEN, IMPORTING];
    const [opened, expires] = [1_700_000_000, 1_702_000_000];
    const periods = packPeriods([{ number: 0, opened, expires, buckets: 1, records: 1 }]);
    const summary = Buffer.alloc(12);
    summary.writeUInt32BE(opened);
    const names = [...keysOfEpoch({ periods, summary })];
    for (const key of Object.values(INSTANCE_KEYS).filter((name) => !ofNone.includes(name)))
      expect(
        names.filter((name) => name.startsWith(key)),
        key,
      ).not.toEqual([]);
    for (const name of names) expect(backupKey.shape.key.safeParse(name).success, name).toBe(true);
  });
});
