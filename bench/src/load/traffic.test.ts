import { describe, expect, it } from "vitest";
import { MemoryMessageStore } from "../../../packages/core/src/testing/memory-message-store.ts";
import { eventsOf } from "./events.ts";
import { makeTraffic } from "./traffic.ts";

describe("makeTraffic", () => {
  it("returns the same totals as the rules of core", async () => {
    const { bodies, totals } = makeTraffic({ webhooks: 3_000, instances: 20 });
    const store = new MemoryMessageStore();
    const instances = new Set<string>();
    for (const { instance, event } of eventsOf(bodies)) {
      instances.add(instance);
      await store.apply([{ instance, events: [event] }]);
    }
    const counted = { received: 0, observed: 0, sent: 0, delivered: 0, read: 0, failed: 0 };
    for (const { counts } of await store.totals([...instances])) {
      for (const [counter, count] of counts) {
        if (counter.startsWith("messages/incoming/")) counted.received += count;
        if (counter.startsWith("messages/outgoing/")) counted.observed += count;
        const status = /^reached\/\w+\/(sent|delivered|read|failed)$/.exec(counter)?.[1];
        if (status === "sent" || status === "delivered" || status === "read" || status === "failed")
          counted[status] += count;
      }
    }
    expect(counted).toEqual(totals);
  });

  it("starts with the same webhooks whatever the length, so that shorter runs get the same ones", () => {
    const now = 1_800_000_000_000;
    const [short, long] = [makeTraffic({ webhooks: 500, now }), makeTraffic({ webhooks: 1_000, now })];
    expect(long.bodies.slice(0, 499)).toEqual(short.bodies.slice(0, 499));
  });

  it("repeats some webhooks, as gateways do", () => {
    const { bodies } = makeTraffic({ webhooks: 2_000 });
    expect(new Set(bodies).size).toBeLessThan(bodies.length);
  });
});
