import { superviseApp, type SupervisedApp as Supervised } from "../../scripts/start/supervisor.mjs";
import { entryOf, isReadyAt, type App, type RunningApp } from "../support/app-process.ts";
import { killWithParent } from "../support/kill-with-parent.ts";
import { until } from "../support/until.ts";
import type { Downtime } from "./history.ts";

const STOP_BUDGET_MS = 15_000;
const READY_AGAIN_MS = 60_000;
/** Invalid settings: `npm start` does not restart an app that exits with this code. */
const EXIT_CONFIGURATION = 78;

/** One built app under the supervisor of `npm start`, which restarts it when it ends unexpectedly. */
export class SupervisedApp implements RunningApp {
  /** The periods in which a fault kept it from working. */
  readonly downtimes: Downtime[] = [];
  /** How often it has ended since it was started, by our signals or by itself. */
  ends = 0;
  output = "";
  pid = 0;
  readonly #app: App;
  readonly #env: NodeJS.ProcessEnv;
  readonly #opsOrigin: string;
  #supervised: Supervised | undefined;
  #release: () => void = () => undefined;

  constructor(app: App, env: NodeJS.ProcessEnv, opsOrigin: string) {
    this.#app = app;
    this.#env = env;
    this.#opsOrigin = opsOrigin;
  }

  async start(overrides: NodeJS.ProcessEnv = {}): Promise<void> {
    this.ends = 0;
    const write = (line: string) => (this.output += `${line}\n`);
    this.#supervised = superviseApp({
      name: this.#app,
      entry: entryOf(this.#app),
      env: { PATH: process.env["PATH"], ...this.#env, ...overrides },
      output: { log: write, keep: write, close: () => undefined },
      onStarted: (pid) => {
        this.#release();
        this.pid = pid;
        this.#release = killWithParent(pid);
      },
      onEnd: ({ how, exitCode }) => {
        this.ends += 1;
        write(`[ended: ${how}]`);
        return exitCode !== EXIT_CONFIGURATION;
      },
    });
    await this.#waitUntilReady();
  }

  async isReady(): Promise<boolean> {
    return isReadyAt(this.#opsOrigin);
  }

  /** Stop it without a restart. */
  async kill(): Promise<void> {
    await this.#downWhile(async () => this.#supervised?.stop(STOP_BUDGET_MS));
    this.#release();
  }

  /** Send a signal that ends it; resolves when the supervisor has restarted it. @returns when the signal was sent, Unix ms */
  async end(signal: "SIGKILL" | "SIGTERM"): Promise<number> {
    const { pid } = this;
    const sentAt = Date.now();
    await this.#downWhile(async () => {
      process.kill(pid, signal);
      await until(`${this.#app} is started again`, () => this.pid !== pid, READY_AGAIN_MS);
      await until(`${this.#app} answers again`, async () => this.#isAlive(), READY_AGAIN_MS);
    });
    return sentAt;
  }

  /** Stop its execution for a while, as a blocked event loop does. */
  async freeze(ms: number): Promise<void> {
    const { pid } = this;
    await this.#downWhile(async () => {
      process.kill(pid, "SIGSTOP");
      await new Promise((resolve) => setTimeout(resolve, ms));
      process.kill(pid, "SIGCONT");
    });
  }

  async #downWhile(work: () => Promise<void>): Promise<void> {
    const from = Date.now();
    const index = this.downtimes.push({ from, until: Infinity }) - 1;
    await work();
    this.downtimes[index] = { from, until: Date.now() };
  }

  async #waitUntilReady(): Promise<void> {
    await until(`${this.#app} is ready`, async () => this.isReady(), READY_AGAIN_MS);
  }

  /** A process starts its ops server first, so it answers even without Redis. */
  async #isAlive(): Promise<boolean> {
    const answer = await fetch(`${this.#opsOrigin}/healthz`, { headers: { connection: "close" } }).catch(
      () => undefined,
    );
    return answer?.status === 200;
  }
}
