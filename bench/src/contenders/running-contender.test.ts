import { describe, expect, it } from "vitest";
import { checkTotals } from "./running-contender.ts";

const EXPECTED = { received: 5, observed: 4, sent: 3, delivered: 2, read: 1, failed: 0 };
const counting = (totals: Record<string, number>) => ({ inspector: { totals: async () => Promise.resolve(totals) } });

describe("checkTotals", () => {
  it("takes counts that are right, a word never counted being 0", async () => {
    const counted = { received: 5, observed: 4, sent: 3, delivered: 2, read: 1 };
    await expect(checkTotals("plain", counting(counted), EXPECTED)).resolves.toBeUndefined();
  });

  it.each([
    { ...EXPECTED, sent: 4 },
    { ...EXPECTED, unheard: 1 },
  ])("fails the run of a contender that counts wrong", async (counted) => {
    await expect(checkTotals("plain", counting(counted), EXPECTED)).rejects.toThrow("plain counted wrong");
  });
});
