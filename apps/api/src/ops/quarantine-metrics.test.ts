import { expect, it } from "vitest";
import { quarantineText } from "./quarantine-metrics.ts";

it("has the quarantine size of each exported instance, and the largest size of all others", async () => {
  const shares = [
    { instance: "", entries: 7, bytes: 9_000 },
    { instance: "1101000001", entries: 4, bytes: 2_000 },
    ...Array.from({ length: 500 }, (_, i) => ({ instance: `720000${String(i)}`, entries: 9, bytes: 500 })),
  ];
  const quarantine = {
    size: async () => Promise.resolve(4_511),
    bytes: async () => Promise.resolve(261_000),
    largestShares: async (max: number) => Promise.resolve(shares.slice(0, max)),
  };
  const shown = [
    { id: "1101000001", name: 'sa"les' },
    { id: "1101000002", name: "empty" },
  ];
  const text = await quarantineText(quarantine, shown, "_other");
  expect(text.split("\n").filter((line) => line !== "" && !line.startsWith("#"))).toEqual([
    "ticktally_quarantine_size 4511",
    "ticktally_quarantine_bytes 261000",
    'ticktally_instance_quarantine_size{wa_instance="_other"} 9',
    'ticktally_instance_quarantine_size{wa_instance="sa\\"les"} 4',
    'ticktally_instance_quarantine_bytes{wa_instance="_other"} 9000',
    'ticktally_instance_quarantine_bytes{wa_instance="sa\\"les"} 2000',
  ]);
});
