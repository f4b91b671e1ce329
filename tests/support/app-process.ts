import { spawn, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import { killWithParent } from "./kill-with-parent.ts";
import { until } from "./until.ts";

export type App = "ingest" | "worker" | "api" | "forwarder";

/** A running built app, with or without a supervisor. */
export interface RunningApp {
  /** Everything it has written, across restarts. */
  readonly output: string;
  /** of the current process, if it runs and is known */
  readonly pid?: number | undefined;
  /** @param overrides environment for this run only @throws the app ended before it was ready */
  start(overrides?: NodeJS.ProcessEnv): Promise<void>;
  isReady(): Promise<boolean>;
  /** Send a signal and wait until the app has ended; SIGSTOP and SIGCONT do not wait. */
  kill(signal: NodeJS.Signals): Promise<void>;
}

const STOP_BUDGET_MS = 15_000;
const ROOT = join(import.meta.dirname, "..", "..");

/** The entry point of an app. */
export function entryOf(app: App): string {
  return join(ROOT, "apps", app, "dist", "main.js");
}

/** Whether `/readyz` of an app answers 200. @param opsOrigin of its ops port */
export async function isReadyAt(opsOrigin: string): Promise<boolean> {
  const answer = await fetch(`${opsOrigin}/readyz`, { headers: { connection: "close" } }).catch(() => undefined);
  await answer?.text();
  return answer?.status === 200;
}

/** One built app in its own process. */
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
    // "close" comes after "exit": by now all output has been read.
    child.once("close", (code, signal) => {
      this.#output += `[ended: ${signal ?? `exit code ${String(code)}`}]\n`;
      if (this.#child === child) this.#child = undefined;
    });
    for (const stream of [child.stdout, child.stderr]) {
      stream.setEncoding("utf8").on("data", (text: string) => (this.#output += text));
    }
    await until(`${this.#app} is ready`, async () => {
      if (this.#child !== child)
        throw new Error(`${this.#app} ended before it was ready. It wrote:\n${this.#output.slice(-2000)}`);
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
