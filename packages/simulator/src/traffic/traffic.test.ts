import { describe, expect, it } from "vitest";
import { Traffic, webhookOf, type Period } from "./traffic.ts";

const START_MS = Date.UTC(2026, 5, 15);
const DAY_MS = 86_400_000;
const NIGHT: Period = { fromMs: START_MS + 2 * 3_600_000, toMs: START_MS + 4 * 3_600_000 };
const NONE = { duplicates: 0, disorder: 0, lost: 0, lostFrom: 0 };

function trafficOf(more: Partial<ConstructorParameters<typeof Traffic>[0]> = {}): Traffic {
  return new Traffic({ seed: 7, instances: 7, scale: 1, faults: NONE, codesFrom: 0, ...more });
}

function webhooks(traffic: Traffic, period: Period): readonly string[] {
  return traffic.instances.flatMap((instance) =>
    [...traffic.allSendings(instance, period, START_MS)].map((of) => `${of.atMs} ${JSON.stringify(webhookOf(of))}`),
  );
}

describe("traffic", () => {
  const faults = { duplicates: 0.05, disorder: 0.1, lost: 0.05, lostFrom: 0 };

  it("is the same for the same seed, and differs for another seed", () => {
    const one = webhooks(trafficOf({ faults }), NIGHT);
    expect(one.length).toBeGreaterThan(1_000);
    expect(webhooks(trafficOf({ faults }), NIGHT)).toEqual(one);
    expect(webhooks(trafficOf({ faults, seed: 8 }), NIGHT)).not.toEqual(one);
  });

  it("is the same for a whole period and for its parts, so that a restart changes nothing", () => {
    const traffic = trafficOf({ faults });
    const middleMs = NIGHT.fromMs + 1_234_567;
    const parts = [
      ...webhooks(traffic, { ...NIGHT, toMs: middleMs }),
      ...webhooks(traffic, { ...NIGHT, fromMs: middleMs }),
    ];
    expect(parts.toSorted()).toEqual([...webhooks(traffic, NIGHT)].sort());
  });

  it("has a status at least every two seconds, even at night", () => {
    const times = trafficWithStatuses(trafficOf({ faults }), NIGHT);
    const gaps = times.slice(1).map((time, i) => time - (times[i] ?? 0));
    expect(Math.max(...gaps)).toBeLessThanOrEqual(2_000);
    expect((times[0] ?? Infinity) - NIGHT.fromMs).toBeLessThanOrEqual(2_000);
  });

  it("follows the daily and weekly rhythm of each instance", () => {
    const traffic = trafficOf();
    const clinic = traffic.instances.find(({ name }) => name === "clinic") ?? traffic.instances[0];
    const between = (day: number, fromHour: number) => {
      const fromMs = START_MS + day * DAY_MS + fromHour * 3_600_000;
      return clinic === undefined
        ? 0
        : [...traffic.messagesBetween(clinic, { fromMs, toMs: fromMs + 4 * 3_600_000 })].length;
    };
    // 15 June 2026 is a Monday.
    expect(between(0, 6)).toBeGreaterThan(10 * between(0, 20));
    expect(between(1, 6)).toBeGreaterThan(5 * between(6, 6));
  });

  it("never gives two messages of an instance the same id", () => {
    const traffic = trafficOf({ scale: 5 });
    for (const instance of traffic.instances) {
      const ids = [...traffic.messagesBetween(instance, { fromMs: START_MS, toMs: START_MS + DAY_MS })].map(
        ({ id }) => id,
      );
      expect(new Set(ids).size).toBe(ids.length);
    }
  });

  it("has more failures of one instance during an incident, and not of others", () => {
    const failures = (traffic: Traffic, n: number) => {
      const instance = traffic.instances[n];
      if (instance === undefined) return 0;
      const outgoing = [...traffic.messagesBetween(instance, NIGHT)].filter(
        ({ direction }) => direction === "outgoing",
      );
      return outgoing.filter(({ events }) => events.some(({ what }) => what === "failed")).length / outgoing.length;
    };
    const [usual, spiked] = [trafficOf({ scale: 20 }), trafficOf({ scale: 20 })];
    const [, shop] = spiked.instances;
    if (shop === undefined) throw new Error("there is no shop");
    spiked.addIncident(shop, { share: 0.5, fromMinute: NIGHT.fromMs / 60_000, toMinute: NIGHT.toMs / 60_000 });
    expect(failures(spiked, 1)).toBeGreaterThan(failures(usual, 1) + 0.3);
    expect(failures(spiked, 2)).toBe(failures(usual, 2));
  });

  it("loses and repeats webhooks at the requested rates, and changes nothing else", () => {
    const all = webhooks(trafficOf(), NIGHT).length;
    const lost = webhooks(trafficOf({ faults: { ...NONE, lost: 0.5 } }), NIGHT).length;
    const repeated = webhooks(trafficOf({ faults: { ...NONE, duplicates: 0.5 } }), NIGHT).length;
    const codes = ((2 * 3_600) / 6) * 4;
    expect((lost - codes) / (all - codes)).toBeCloseTo(0.5, 1);
    expect((repeated - codes) / (all - codes)).toBeCloseTo(1.5, 1);
  });
});

/** The times of statuses, Unix ms, ascending. */
function trafficWithStatuses(traffic: Traffic, period: Period): readonly number[] {
  const sendings = traffic.instances.flatMap((instance) => [...traffic.allSendings(instance, period, START_MS)]);
  const statuses = sendings.filter(({ of }) => "event" in of && of.event.what !== "observation");
  return statuses.map(({ atMs }) => atMs).toSorted((a, b) => a - b);
}
