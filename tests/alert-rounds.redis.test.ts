import { afterAll, beforeAll, expect, it } from "vitest";
import { AlertRounds } from "../apps/api/src/alerts/alert-rounds.ts";
import { COUNTER_OF_SLOT, type AlertEvent, type Counter, type InstanceTotals } from "../packages/core/src/index.ts";
import { RedisAlertStore } from "../packages/redis/src/index.ts";
import { testConnection, testKeys } from "../packages/redis/src/testing.ts";

const redis = testConnection("reader");
beforeAll(async () => {
  await redis.ping().catch(async () => new Promise((resolve) => redis.once("ready", resolve)));
});
afterAll(() => {
  redis.disconnect();
});

/** 2026-10-05, 12:00 UTC. */
const NOON = Date.UTC(2026, 9, 5, 12) / 60_000;

const SLOT_RECEIVED = COUNTER_OF_SLOT.indexOf("messages/incoming/unknown");

/** One instance, and processes that evaluate its alerts. */
function world() {
  const keys = testKeys();
  const state = {
    minute: NOON,
    ids: ["1101"],
    quarantined: 0,
    counts: new Map<Counter, number>(),
    /** Dead letters of the target crm. */
    dead: 0,
    events: [] as AlertEvent[],
    isAway: false,
  };
  const totals = (): InstanceTotals => ({ counts: new Map(state.counts), retracted: new Map() });
  const process = (holder: string) =>
    new AlertRounds({
      store: new RedisAlertStore(redis, keys, holder),
      registry: {
        async *slices() {
          yield await Promise.resolve(state.ids.map((id) => ({ id, name: "sales" })));
        },
      },
      counts: {
        totals: async (ids) => Promise.resolve(ids.map(totals)),
        summaries: async () => Promise.resolve([]),
        eachCount: async (_, __, from, to, take) => {
          // In the first hour and in the last.
          take(from, SLOT_RECEIVED, 7);
          take(to, SLOT_RECEIVED, 3);
          return Promise.resolve();
        },
      },
      queue: { status: async () => Promise.resolve({ waiting: 0, active: 0, delayed: 0, failed: 0 }) },
      quarantine: { size: async () => Promise.resolve(state.quarantined) },
      targets: async () => {
        const counts = { refused: 0, dropped: 0, dead: state.dead };
        return Promise.resolve([{ name: "crm", oldestSeconds: 0, counts }]);
      },
      sink: {
        send: async (event) => {
          if (state.isAway) return Promise.reject(new Error("away"));
          state.events.push(event);
          return Promise.resolve();
        },
      },
      onError: () => undefined,
      now: () => state.minute * 60_000,
    });
  const endLease = async () => redis.del(`${keys.alerting}lease`);
  return { state, process, endLease };
}

const shown = (events: readonly AlertEvent[]) =>
  events.map((event) => (event.kind === "alert" ? `${event.alert} ${event.phase}` : `digest ${event.day}`));

it("the begin and the end of an alert are reported once, however often the leader changes", async () => {
  const { state, process, endLease } = world();
  const [one, other] = [process("one"), process("other")];
  state.quarantined = 3;
  for (let minute = 0; minute < 20; minute++) {
    state.minute = NOON + minute;
    if (minute === 12) state.quarantined = 0;
    if (minute % 3 === 0) await endLease();
    // Both processes evaluate twice a minute, and either may be first.
    for (const process of minute % 2 === 0 ? [one, other, one, other] : [other, one, other, one]) await process.look();
  }
  expect(shown(state.events)).toEqual(["TicktallyQuarantineNotEmpty begins", "TicktallyQuarantineNotEmpty ends"]);
});

it("a high share of failures is detected across a change of the leader", async () => {
  const { state, process, endLease } = world();
  const [one, other] = [process("one"), process("other")];
  for (let minute = 0; minute < 10; minute++) {
    state.minute = NOON + minute;
    state.counts.set("reached/api/sent", 10 * minute).set("reached/phone/failed", 10 * minute);
    state.counts.set("reached/api/delivered", minute);
    if (minute === 4) await endLease();
    await (minute < 4 ? one : other).look();
  }
  expect(shown(state.events)).toEqual(["TicktallyFailureSpike begins"]);
  expect(state.events[0]).toMatchObject({ of: "1101", severity: "critical", summary: "Messages of sales are failing" });
});

it("dead letters of a target are reported across a change of the leader, and not those from before", async () => {
  const { state, process, endLease } = world();
  const [one, other] = [process("one"), process("other")];
  state.dead = 7;
  for (let minute = 0; minute < 3; minute++) {
    state.minute = NOON + minute;
    await one.look();
  }
  expect(state.events).toEqual([]);
  await endLease();
  state.dead = 9;
  state.minute = NOON + 3;
  await other.look();
  expect(shown(state.events)).toEqual(["TicktallyDeadLetters begins"]);
  expect(state.events[0]).toMatchObject({ of: "crm", severity: "warning" });
  state.minute = NOON + 70;
  await other.look();
  expect(shown(state.events).at(-1)).toBe("TicktallyDeadLetters ends");
});

it("failures of a new instance are counted from zero", async () => {
  const { state, process } = world();
  const only = process("one");
  state.ids = [];
  await only.look();
  state.ids = ["1101"];
  state.counts.set("reached/api/failed", 60);
  for (let minute = 1; minute < 5; minute++) {
    state.minute = NOON + minute;
    await only.look();
  }
  expect(shown(state.events)).toEqual(["TicktallyFailureSpike begins"]);
});

it("an event that could not be sent is sent later with the same id, and in order", async () => {
  const { state, process } = world();
  const only = process("one");
  [state.quarantined, state.isAway] = [1, true];
  for (let minute = 0; minute < 9; minute++) {
    state.minute = NOON + minute;
    if (minute === 6) state.quarantined = 0;
    await only.look().catch(() => undefined);
  }
  expect(state.events).toEqual([]);
  state.isAway = false;
  await only.look();
  expect(shown(state.events)).toEqual(["TicktallyQuarantineNotEmpty begins", "TicktallyQuarantineNotEmpty ends"]);
  expect(new Set(state.events.map(({ id }) => id)).size).toBe(2);
});

it("a digest is sent after each day, starting with the day on which alerts were switched on", async () => {
  const { state, process } = world();
  const [one, other] = [process("one"), process("other")];
  for (const minute of [0, 719, 720, 721, 2_160, 2_161]) {
    state.minute = NOON + minute;
    await one.look();
    await other.look();
  }
  expect(shown(state.events)).toEqual(["digest 2026-10-05", "digest 2026-10-06"]);
  expect(state.events[0]).toMatchObject({ counts: { received: 10, sent: 0, delivered: 0, read: 0, failed: 0 } });
});
