import { webhookJobOf, webhooksOf } from "@ticktally/schemas";
import { expect, it } from "vitest";
import { Traffic } from "../traffic/traffic.ts";
import { writeHistory } from "./history.ts";

const START_MS = Date.UTC(2026, 5, 15, 10);

it("writes each webhook of a period once, with a realistic receipt", async () => {
  const faults = { duplicates: 0.1, disorder: 0.2, lost: 0, lostFrom: 0 };
  const traffic = new Traffic({ seed: 3, instances: 7, scale: 1, faults, codesFrom: 0 });
  const sinceMs = START_MS - 3_600_000;
  const period = { fromMs: START_MS, toMs: START_MS + 15 * 3_600_000 };
  const jobs: string[] = [];
  const queue = {
    shards: 1,
    put: async (_: number, lines: readonly string[]) => Promise.resolve(String(jobs.push(...lines))),
    waiting: async () => Promise.resolve(0),
  };
  const signal = new AbortController().signal;
  const written = await writeHistory({ traffic, period, sinceMs, queue, onProgress: () => undefined, signal });
  const due = traffic.instances.flatMap((instance) => [...traffic.allSendings(instance, period, sinceMs)]);
  expect(written).toBe(due.length);
  const queued = webhooksOf(webhookJobOf(jobs));
  const times = (list: readonly number[]) => list.toSorted((a, b) => a - b);
  expect(times(queued.map(({ receivedAtMs }) => receivedAtMs))).toEqual(times(due.map(({ atMs }) => atMs)));
});
