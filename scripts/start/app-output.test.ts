import { describe, expect, it } from "vitest";
import { formatForTerminal } from "./app-output.mjs";

describe("formatForTerminal", () => {
  it("does not show lines below the level of a warning", () => {
    expect(formatForTerminal("worker", '{"level":30,"msg":"batch applied"}')).toBeUndefined();
  });

  it("shows a warning with its reason, once", () => {
    const line = JSON.stringify({ level: 40, msg: "Redis is away", err: { message: "ECONNREFUSED" } });
    expect(formatForTerminal("worker", line)).toBe("[worker] warn Redis is away: ECONNREFUSED");
    expect(formatForTerminal("api", '{"level":50,"msg":"boom","err":{"message":"boom"}}')).toBe("[api] error boom");
  });

  it.each(["plain words", "{ not json", '{"no":"level"}'])("shows a line that is not from the logger: %s", (line) => {
    expect(formatForTerminal("ingest", line)).toBe(`[ingest] ${line}`);
  });
});
