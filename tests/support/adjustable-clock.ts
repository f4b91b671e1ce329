import { mkdtemp, rename, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";

const PRELOADED = pathToFileURL(join(import.meta.dirname, "adjustable-clock.mjs")).href;

/** How many times faster parts of the apps run. */
interface Speed {
  readonly intervals?: number;
  /** `AbortSignal.timeout`. */
  readonly signals?: number;
}

/** A wall clock that a test sets, for apps that are started with its `env`. Call {@link remove} at the end. */
export class AdjustableClock {
  readonly #dir: string;
  readonly #speed: Speed;
  #aheadMs = 0;

  private constructor(dir: string, speed: Speed) {
    this.#dir = dir;
    this.#speed = speed;
  }

  static async start(speed: Speed = {}): Promise<AdjustableClock> {
    const clock = new AdjustableClock(await mkdtemp(join(tmpdir(), "ticktally-clock-")), speed);
    await clock.moveTo(Date.now());
    return clock;
  }

  get env(): NodeJS.ProcessEnv {
    return {
      NODE_OPTIONS: `--import ${PRELOADED}`,
      ADJUSTABLE_CLOCK_FILE: this.#file,
      ADJUSTABLE_CLOCK_INTERVALS: String(this.#speed.intervals ?? 1),
      ADJUSTABLE_CLOCK_SIGNALS: String(this.#speed.signals ?? 1),
    };
  }

  /** Unix ms */
  now(): number {
    return Date.now() + this.#aheadMs;
  }

  /** @param unixMs the new time; the clock runs on from there */
  async moveTo(unixMs: number): Promise<void> {
    this.#aheadMs = unixMs - Date.now();
    // Renamed, so that an app that reads at the same time does not see half of the number.
    await writeFile(`${this.#file}.new`, String(this.#aheadMs));
    await rename(`${this.#file}.new`, this.#file);
  }

  async remove(): Promise<void> {
    await rm(this.#dir, { recursive: true, force: true });
  }

  get #file(): string {
    return join(this.#dir, "ahead-ms");
  }
}
