import { mkdtemp, rename, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";

const PRELOADED = pathToFileURL(join(import.meta.dirname, "steered-clock.mjs")).href;

/** A wall clock that a test moves, for apps that are started with its `env`. Remove it. */
export class SteeredClock {
  readonly #dir: string;
  readonly #intervalsDividedBy: number;
  #aheadMs = 0;

  private constructor(dir: string, intervalsDividedBy: number) {
    this.#dir = dir;
    this.#intervalsDividedBy = intervalsDividedBy;
  }

  /** @param intervalsDividedBy how much shorter intervals of the apps are */
  static async start(intervalsDividedBy = 1): Promise<SteeredClock> {
    const clock = new SteeredClock(await mkdtemp(join(tmpdir(), "ticktally-clock-")), intervalsDividedBy);
    await clock.moveTo(Date.now());
    return clock;
  }

  get env(): NodeJS.ProcessEnv {
    return {
      NODE_OPTIONS: `--import ${PRELOADED}`,
      STEERED_CLOCK_FILE: this.#file,
      STEERED_CLOCK_INTERVALS: String(this.#intervalsDividedBy),
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
