import { mkdtemp, rename, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";

const PRELOADED = pathToFileURL(join(import.meta.dirname, "steered-clock.mjs")).href;

/** How many times shorter something of the apps is. */
interface Speed {
  readonly intervals?: number;
  /** `AbortSignal.timeout`. */
  readonly signals?: number;
}

/** A wall clock that a test moves, for apps that are started with its `env`. Remove it. */
export class SteeredClock {
  readonly #dir: string;
  readonly #speed: Speed;
  #aheadMs = 0;

  private constructor(dir: string, speed: Speed) {
    this.#dir = dir;
    this.#speed = speed;
  }

  static async start(speed: Speed = {}): Promise<SteeredClock> {
    const clock = new SteeredClock(await mkdtemp(join(tmpdir(), "ticktally-clock-")), speed);
    await clock.moveTo(Date.now());
    return clock;
  }

  get env(): NodeJS.ProcessEnv {
    return {
      NODE_OPTIONS: `--import ${PRELOADED}`,
      STEERED_CLOCK_FILE: this.#file,
      STEERED_CLOCK_INTERVALS: String(this.#speed.intervals ?? 1),
      STEERED_CLOCK_SIGNALS: String(this.#speed.signals ?? 1),
    };
  }

  /** Unix ms */
  now(): number {
    return Date.now() + this.#aheadMs;
  }

  /** @param unixMs what the clock shows now; from there it goes on */
  async moveTo(unixMs: number): Promise<void> {
    this.#aheadMs = unixMs - Date.now();
    // Renamed, so that an app that reads meanwhile finds a whole number.
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
