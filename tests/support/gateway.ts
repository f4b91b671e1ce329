import { Agent, request } from "node:http";
import { setTimeout as delay } from "node:timers/promises";

export interface Target {
  readonly port: number;
  readonly token: string;
  readonly connections: number;
}

/** The gateway holds a refused webhook for a minute; tests have less time. */
const RETRY_AFTER_MS = 100;
const ANSWER_TIMEOUT_MS = 10_000;

/**
 * Posts webhooks as the gateway does: over connections that are kept, each one until it is answered 200. With one connection
 * they arrive in their order.
 */
export class Gateway {
  readonly #target: Target;
  readonly #agent: Agent;
  /** Webhooks answered 200 so far. */
  accepted = 0;
  /** Posts that got another answer, or none. */
  refused = 0;

  constructor(target: Target) {
    this.#target = target;
    this.#agent = new Agent({ keepAlive: true, maxSockets: target.connections });
  }

  async deliver(webhooks: readonly string[]): Promise<void> {
    const queue = webhooks.values();
    const connection = async () => {
      for (const webhook of queue) {
        while (!(await this.#post(webhook))) {
          this.refused += 1;
          await delay(RETRY_AFTER_MS);
        }
        this.accepted += 1;
      }
    };
    await Promise.all(Array.from({ length: this.#target.connections }, connection));
    this.#agent.destroy();
  }

  async #post(webhook: string): Promise<boolean> {
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
        res.once("close", () => resolve(res.statusCode === 200));
      });
      req.once("timeout", () => req.destroy());
      req.once("error", () => resolve(false));
      req.end(webhook);
    });
  }
}
