import { expect, it } from "vitest";
import { forwardText } from "./forward-metrics.ts";

const OVERVIEW = {
  depth: 3,
  oldestAtMs: 40_000,
  lastStatus: "500",
  lastSuccessAtMs: undefined,
  dead: 1,
  delivered: 20,
  dropped: 4,
  refused: 5,
  deadEver: 2,
};
const TARGET = {
  id: "t1",
  name: "crm",
  url: "https://x",
  mode: "relay",
  state: "active",
  createdAt: 1,
  sealed: "",
} as const;

it("has the number and age of waiting webhooks and the results of the others, for each target", async () => {
  const targets = { read: async () => Promise.resolve({ version: "1", ownId: "", redisMs: 0, targets: [TARGET] }) };
  const overviews = { overview: async () => Promise.resolve(OVERVIEW), bytes: async () => Promise.resolve(900) };
  const lines = (await forwardText(targets, overviews, 100_000)).split("\n").filter((line) => !line.startsWith("#"));
  expect(lines.filter((line) => line !== "")).toEqual([
    "ticktally_forward_bytes 900",
    'ticktally_forward_depth{target="crm"} 3',
    'ticktally_forward_oldest_seconds{target="crm"} 60',
    'ticktally_forward_dead_letters{target="crm"} 1',
    'ticktally_forward_delivered_total{target="crm"} 20',
    'ticktally_forward_dead_total{target="crm"} 2',
    'ticktally_forward_dropped_total{target="crm"} 4',
    'ticktally_forward_refused_total{target="crm"} 5',
  ]);
});
