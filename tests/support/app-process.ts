import { spawn, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import { killWithParent } from "./kill-with-parent.ts";
import { until } from "./until.ts";

export type App = "ingest" | "worker" | "api" | "forwarder";

/** One built app that runs, however it is kept running. */
export interface RunningApp {
  /** All it ever wrote, over restarts. */
  readonly output: string;
  /** @param overrides environment for this run only @throws it ended before it was ready */
  start(overrides?: NodeJS.ProcessEnv): Promise<void>;
  isReady(): Promise<boolean>;
  /** Send a signal and wait for the end; SIGSTOP and SIGCONT only are sent. */
  kill(signal: NodeJS.Signals): Promise<void>;
}

const STOP_BUDGET_MS = 15_000;
const ROOT = join(import.meta.dirname, "..", "..");

/** The file that is run. */
export function entryOf(app: App): string {
  return join(ROOT, "apps", app, "dist", "main.js");
}

/** Whether a process says of itself that it can do its job now. @param opsOrigin of its ops port */
export async function isReadyAt(opsOrigin: string): Promise<boolean> {
  const answer = await fetch(`${opsOrigin}/readyz`, { headers: { connection: "close" } }).catch(() => undefined);
  await answer?.text();
  return answer?.status === 200;
}

/** One built app as a process of its own. */
export class AppProcess implements RunningApp {
  readonly #app: App;
  readonly #env: NodeJS.ProcessEnv;
  readonly #opsOrigin: string;
  #child: ChildProcess | undefined;
  #output = "";

  constructor(app: App, env: NodeJS.ProcessEnv, opsOrigin: string) {
    this.#app = app;
    this.#env = env;
    this.#opsOrigin = opsOrigin;
  }

  get output(): string {
    return this.#output;
  }

  get pid(): number | undefined {
    return this.#child?.pid;
  }

  async start(overrides: NodeJS.ProcessEnv = {}): Promise<void> {
    const child = spawn(process.execPath, [entryOf(this.#app)], {
      env: { PATH: process.env["PATH"], ...this.#env, ...overrides },
      stdio: ["ignore", "pipe", "pipe"],
    });
    this.#child = child;
    const release = child.pid === undefined ? () => undefined : killWithParent(child.pid);
    child.once("exit", release);
    // Later than "exit": by now all it wrote is read.
    child.once("close", (code, signal) => {
      this.#output += `[ended: ${signal ?? `exit code ${String(code)}`}]\n`;
      if (this.#child === child) this.#child = undefined;
    });
    for (const stream of [child.stdout, child.stderr]) {
      stream.setEncoding("utf8").on("data", (text: string) => (this.#output += text));
    }
    await until(`${this.#app} is ready`, async () => {
      if (this.#child !== child) throw new Error(`${this.#app} ended at once. It wrote:\n${this.#output.slice(-2000)}`);
      return this.isReady();
    });
  }

  async isReady(): Promise<boolean> {
    return isReadyAt(this.#opsOrigin);
  }

  async kill(signal: NodeJS.Signals): Promise<void> {
    const child = this.#child;
    if (child === undefined) return;
    if (signal === "SIGSTOP" || signal === "SIGCONT") {
      child.kill(signal);
      return;
    }
    const ended = once(child, "close");
    child.kill(signal);
    const killer = setTimeout(() => child.kill("SIGKILL"), STOP_BUDGET_MS);
    await ended;
    clearTimeout(killer);
  }
}
