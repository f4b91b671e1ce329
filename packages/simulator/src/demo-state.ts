import { existsSync, readFileSync, renameSync, writeFileSync } from "node:fs";
import { z } from "zod";

const stored = z.object({ startedAtMs: z.number(), writtenUntilMs: z.number().optional() });

/** How far the demo's traffic is written, so the next start adds what is missing and nothing twice. */
export class DemoState {
  readonly #path: string;
  /** When the demo was started for the first time, Unix ms. */
  readonly startedAtMs: number;
  #writtenUntilMs: number | undefined;

  /** @param nowMs Unix ms; a whole minute is kept of it */
  static open(path: string, nowMs: number): DemoState {
    if (existsSync(path)) {
      const { startedAtMs, writtenUntilMs } = stored.parse(JSON.parse(readFileSync(path, "utf8")));
      return new DemoState(path, startedAtMs, writtenUntilMs);
    }
    const startedAtMs = Math.floor(nowMs / 60_000) * 60_000;
    writeFileSync(path, JSON.stringify({ startedAtMs }));
    return new DemoState(path, startedAtMs, undefined);
  }

  private constructor(path: string, startedAtMs: number, writtenUntilMs: number | undefined) {
    this.#path = path;
    this.startedAtMs = startedAtMs;
    this.#writtenUntilMs = writtenUntilMs;
  }

  /** All webhooks due before this moment are written or sent, Unix ms; `undefined` at first. */
  get writtenUntilMs(): number | undefined {
    return this.#writtenUntilMs;
  }

  keep(writtenUntilMs: number): void {
    this.#writtenUntilMs = writtenUntilMs;
    const fresh = `${this.#path}.new`;
    writeFileSync(fresh, JSON.stringify({ startedAtMs: this.startedAtMs, writtenUntilMs }));
    renameSync(fresh, this.#path);
  }
}
