import { StoreUnavailableError } from "@ticktally/core";
import { createLogger } from "@ticktally/telemetry";
import { describe, expect, it, vi } from "vitest";
import { BackgroundEraser } from "./background-eraser.ts";

const logger = createLogger("test", "silent");

describe("BackgroundEraser", () => {
  it("erases one at a time, and again if it was requested meanwhile", async () => {
    const finish: (() => void)[] = [];
    const eraser = new BackgroundEraser(
      { erase: async () => new Promise((resolve) => finish.push(() => resolve(1))) },
      logger,
    );
    eraser.wake();
    for (let i = 0; i < 5; i++) eraser.wake();
    expect(finish).toHaveLength(1);
    finish[0]?.();
    await vi.waitFor(() => expect(finish).toHaveLength(2));
    finish[1]?.();
    await new Promise(setImmediate);
    expect(finish).toHaveLength(2);
    eraser.wake();
    expect(finish).toHaveLength(3);
    eraser.stop();
  });

  it("continues after a failure, and not after it is stopped", async () => {
    let calls = 0;
    const erase = async () => {
      calls += 1;
      return calls === 1 ? Promise.reject(new StoreUnavailableError("away")) : Promise.resolve(0);
    };
    const eraser = new BackgroundEraser({ erase }, logger);
    eraser.start();
    await new Promise(setImmediate);
    eraser.wake();
    await new Promise(setImmediate);
    expect(calls).toBe(2);
    eraser.stop();
    eraser.wake();
    await new Promise(setImmediate);
    expect(calls).toBe(2);
  });
});
