import { gatewayNamed } from "@ticktally/gateways";
import { expect, it } from "vitest";
import { Traffic, webhookOf } from "../traffic/traffic.ts";

const START_MS = Date.UTC(2026, 5, 15, 10);

it("can be read by the gateway's adapter, for every event of a message", () => {
  const faults = { duplicates: 0, disorder: 0, lost: 0.5, lostFrom: 0 };
  const traffic = new Traffic({ seed: 3, instances: 8, scale: 10, faults, codesFrom: 0 });
  const travel = traffic.instances.filter(({ shape }) => shape.gateway === "meta");
  for (const instance of travel) traffic.addIncident(instance, { share: 0.2, fromMinute: 0, toMinute: Infinity });
  const gateway = gatewayNamed("meta");
  const period = { fromMs: START_MS, toMs: START_MS + 4 * 3_600_000 };
  const meant = travel.flatMap((instance) =>
    [...traffic.sendings(instance, period, { fromMs: 0, toMs: Infinity })].map((sending) => {
      const parts = gateway?.split(webhookOf(sending)) ?? [];
      return parts.flatMap((part) => gateway?.toEvents(part, sending.atMs / 1000) ?? []);
    }),
  );
  const events = meant.map(([only, ...others]) => {
    expect(others).toEqual([]);
    return only?.kind === "events" ? only.events[0] : only;
  });
  const words = new Set(events.map((event) => (event !== undefined && "status" in event ? event.status : event?.kind)));
  expect([...words].sort()).toEqual(["delivered", "failed", "noActiveSession", "observation", "read", "sent"]);
  const expected = travel.flatMap((instance) =>
    [...traffic.messagesBetween(instance, period)].flatMap(({ events: all }) =>
      all.map(({ what, reason }) => `${what} ${String(reason)}`),
    ),
  );
  const found = events.map((event) => {
    const status = event !== undefined && "status" in event ? event.status : event?.kind;
    return `${String(status)} ${String(event !== undefined && "reason" in event ? event.reason : undefined)}`;
  });
  expect(found.toSorted()).toEqual(expected.toSorted());
  expect(found.length).toBeGreaterThan(1_000);
});
