import { Agent, request, type IncomingHttpHeaders } from "node:http";
import { setTimeout as delay } from "node:timers/promises";

export interface Target {
  readonly port: number;
  readonly token: string;
  readonly connections: number;
  /** Default: as fast as they are answered. */
  readonly webhooksPerSecond?: number;
  /** Called for every post, once it was answered or has failed. */
  readonly onAttempt?: (attempt: Attempt) => void;
}

/** One post of a webhook. Times are Unix ms. */
export interface Attempt {
  readonly webhook: string;
  readonly sentAt: number;
  readonly endedAt: number;
  readonly answer: PostAnswer;
}

/** `failed`: there was no answer. The code is that of the socket's error, or ETIMEDOUT after our own time-out. */
export type PostAnswer =
  | { readonly kind: "answered"; readonly status: number; readonly headers: IncomingHttpHeaders }
  | { readonly kind: "failed"; readonly code: string };

/** The gateway waits a minute before it repeats a refused webhook; tests have less time. */
const RETRY_AFTER_MS = 100;
const ANSWER_TIMEOUT_MS = 10_000;

/**
 * Posts webhooks as the gateway does: over persistent connections, repeating each webhook until it is answered 200. With one connection they
 * arrive in order.
 */
export class Gateway {
  readonly #target: Target;
  readonly #agent: Agent;
  /** Can be changed while it posts. */
  webhooksPerSecond: number | undefined;
  /** Webhooks answered 200 so far. */
  accepted = 0;
  /** Posts that got another answer, or none. */
  refused = 0;

  constructor(target: Target) {
    this.#target = target;
    this.webhooksPerSecond = target.webhooksPerSecond;
    this.#agent = new Agent({ keepAlive: true, maxSockets: target.connections });
  }

  async deliver(webhooks: Iterable<string>): Promise<void> {
    const queue = webhooks[Symbol.iterator]();
    const pace = this.#pace();
    const connection = async () => {
      for (;;) {
        await pace();
        const next = queue.next();
        if (next.done === true) return;
        while (!(await this.#attempt(next.value))) {
          this.refused += 1;
          await delay(RETRY_AFTER_MS);
        }
        this.accepted += 1;
      }
    };
    await Promise.all(Array.from({ length: this.#target.connections }, connection));
    this.#agent.destroy();
  }

  /** @returns waits until the next webhook is due; a delay of more than a second is not caught up */
  #pace(): () => Promise<void> {
    let due = Date.now();
    return async () => {
      if (this.webhooksPerSecond === undefined) return;
      due = Math.max(due + 1000 / this.webhooksPerSecond, Date.now() - 1000);
      await delay(due - Date.now());
    };
  }

  async #attempt(webhook: string): Promise<boolean> {
    const sentAt = Date.now();
    const answer = await this.#post(webhook);
    this.#target.onAttempt?.({ webhook, sentAt, endedAt: Date.now(), answer });
    return answer.kind === "answered" && answer.status === 200;
  }

  async #post(webhook: string): Promise<PostAnswer> {
    const { port, token } = this.#target;
    const headers = {
      "content-type": "application/json; charset=utf-8",
      "content-length": Buffer.byteLength(webhook),
      authorization: `Bearer ${token}`,
    };
    const path = "/webhooks/green-api";
    const options = { host: "127.0.0.1", port, method: "POST", path, headers, agent: this.#agent };
    return new Promise((resolve) => {
      const req = request({ ...options, timeout: ANSWER_TIMEOUT_MS }, (res) => {
        res.resume();
        res.once("close", () => resolve({ kind: "answered", status: res.statusCode ?? 0, headers: res.headers }));
      });
      req.once("timeout", () => req.destroy(Object.assign(new Error("no answer"), { code: "ETIMEDOUT" })));
      req.once("error", (error: NodeJS.ErrnoException) => resolve({ kind: "failed", code: error.code ?? "unknown" }));
      req.end(webhook);
    });
  }
}
