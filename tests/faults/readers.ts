import type { System } from "../system.ts";
import { pause } from "./pause.ts";

const EVERY_MS = 100;
/** Success, an instance that was removed after it was listed, or a temporary failure. */
const EXPECTED_STATUSES = [200, 404, 503];

/** Sends REST requests continuously while webhooks arrive, as dashboards and other clients do. */
export class Readers {
  answers = 0;
  /** Answers that no client should get. */
  readonly unexpected: string[] = [];
  readonly #system: System;
  readonly #done: Promise<void>;
  #isEnding = false;

  constructor(system: System) {
    this.#system = system;
    this.#done = this.#read().catch((error: unknown) => {
      this.unexpected.push(`REST gave no answer: ${String(error)}`);
    });
  }

  async end(): Promise<void> {
    this.#isEnding = true;
    await this.#done;
  }

  async #read(): Promise<void> {
    for (let n = 0; !this.#isEnding; n++) {
      const { status, text } = await this.#system.get(await this.#path(n));
      this.answers += 1;
      if (!EXPECTED_STATUSES.includes(status)) this.unexpected.push(`REST answered ${status}: ${text.slice(0, 200)}`);
      await pause(EVERY_MS);
    }
  }

  async #path(n: number): Promise<string> {
    const { status, text } = await this.#system.get("/instances");
    const names = status === 200 ? [...text.matchAll(/"name":"(\w+)"/g)].map(([, name = ""]) => name) : [];
    const name = names[n % Math.max(1, names.length)];
    if (name === undefined) return "/quarantine";
    const paths = [
      `/metrics/${name}`,
      `/metrics/${names.slice(0, 20).join(",")}`,
      `/metrics/${name}/series?step=hour`,
      `/metrics/${name}/failures`,
      `/metrics/${name}/latency`,
      `/messages/${name}?limit=100`,
    ];
    return paths[n % paths.length] ?? "";
  }
}
