import { describe, expect, it } from "vitest";
import { checkTotals } from "./running-contender.ts";

const EXPECTED = { received: 5, observed: 4, sent: 3, delivered: 2, read: 1, failed: 0 };
const counting = (totals: Record<string, number>) => ({ inspector: { totals: async () => Promise.resolve(totals) } });

describe("checkTotals", () => {
  it("accepts correct counts; a kind that was never counted is 0", async () => {
    const counted = { received: 5, observed: 4, sent: 3, delivered: 2, read: 1 };
    await expect(checkTotals("plain", counting(counted), EXPECTED)).resolves.toBeUndefined();
  });

  it.each([
    { ...EXPECTED, sent: 4 },
    { ...EXPECTED, unexpected: 1 },
  ])("fails the run of a contender with wrong counts", async (counted) => {
    await expect(checkTotals("plain", counting(counted), EXPECTED)).rejects.toThrow("plain counted wrong");
  });
});
