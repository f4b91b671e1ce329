import { describe, expect, it } from "vitest";
import { currentStatus, FAILURES, transition } from "./message-status.ts";

describe("transition", () => {
  it("lets read follow sent directly, because a chat that is open skips delivered", () => {
    expect(transition({ reached: "sent" }, "read")).toEqual({ state: { reached: "read" }, outcome: "advanced" });
  });

  // Both failure texts of one upload arrive as two webhooks (seed 001, "both can occur").
  it.each(FAILURES)("counts a message once when %s follows another failure", (failure) => {
    const failed = { reached: "sent", failure: "failed" } as const;
    expect(transition(failed, failure)).toEqual({ state: failed, outcome: "duplicate" });
  });

  it("keeps a failure when sent comes late, and records that sent was reached", () => {
    const after = transition({ reached: "pending", failure: "failed" }, "sent");
    expect(after).toEqual({ state: { reached: "sent", failure: "failed" }, outcome: "late" });
    expect(currentStatus(after.state)).toBe("failed");
  });

  it.each(["delivered", "read", "played"] as const)("never revives a failed message by %s", (status) => {
    const failed = { reached: "sent", failure: "noAccount" } as const;
    expect(transition(failed, status)).toEqual({ state: failed, outcome: "contradiction" });
  });

  it.each(["delivered", "read", "played"] as const)("never lets a failure undo %s", (reached) => {
    expect(transition({ reached }, "failed")).toEqual({ state: { reached }, outcome: "contradiction" });
  });

  it.each(["pending", "yellowCard", "sent"] as const)("ends a message that is only %s", (reached) => {
    expect(transition({ reached }, "notInGroup")).toEqual({
      state: { reached, failure: "notInGroup" },
      outcome: "advanced",
    });
  });

  it("does not count a repeated or lower rank", () => {
    expect(transition({ reached: "read" }, "read").outcome).toBe("duplicate");
    expect(transition({ reached: "read" }, "delivered").outcome).toBe("late");
  });

  it("opens a message at the status that comes first", () => {
    expect(transition(undefined, "delivered")).toEqual({ state: { reached: "delivered" }, outcome: "created" });
    expect(transition(undefined, "noAccount").state).toEqual({ reached: "pending", failure: "noAccount" });
  });

  it("lets a parked message go out after all", () => {
    expect(transition({ reached: "yellowCard" }, "sent").outcome).toBe("advanced");
  });
});
