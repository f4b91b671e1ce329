import { expect, it } from "vitest";
import { Traffic, webhookOf } from "../traffic/traffic.ts";
import { Live } from "./live.ts";

const START_MS = Date.UTC(2026, 5, 15, 10);

it("returns each webhook once when it is due, including those of earlier messages", () => {
  const faults = { duplicates: 0.1, disorder: 0.2, lost: 0.1, lostFrom: 0 };
  const traffic = new Traffic({ seed: 3, instances: 7, scale: 1, faults, codesFrom: 0 });
  const sinceMs = START_MS - 4 * 3_600_000;
  const period = { fromMs: START_MS + 12_300, toMs: START_MS + 12_300 + 600_000 };
  const pushed: string[] = [];
  const push = (_: unknown, webhook: object | undefined) => pushed.push(JSON.stringify(webhook));
  const live = new Live({ traffic, push, fromMs: period.fromMs, sinceMs });
  for (let ms = period.fromMs; ms <= period.toMs; ms += 730) live.advance(ms);
  live.advance(period.toMs);
  expect(live.pushedUntilMs).toBe(period.toMs);
  const due = traffic.instances.flatMap((instance) => [...traffic.allSendings(instance, period, sinceMs)]);
  expect(pushed.toSorted()).toEqual(due.map((sending) => JSON.stringify(webhookOf(sending))).sort());
  expect(pushed.length).toBeGreaterThan(500);
});
