import { setTimeout as delay } from "node:timers/promises";

/** An answer that says no. */
export class RestError extends Error {
  readonly status: number;

  constructor(status: number, message: string) {
    super(message);
    this.status = status;
  }
}

const ATTEMPTS_MAX = 20;
const WAIT_SECONDS = 5;

/** Ticktally's REST interface, as any program uses it. */
export class RestClient {
  readonly #url: string;
  readonly #token: string;

  /** @param url without a path @param token of the account */
  constructor(url: string, token: string) {
    this.#url = url;
    this.#token = token;
  }

  /** @throws {RestError} */
  async get(path: string): Promise<unknown> {
    return this.send("GET", path);
  }

  /** Asks again where it was asked too often. @throws {RestError} */
  async send(method: string, path: string, body?: object): Promise<unknown> {
    for (let attempt = 1; ; attempt++) {
      const answer = await fetch(this.#url + path, {
        method,
        headers: { token: this.#token, ...(body === undefined ? {} : { "content-type": "application/json" }) },
        body: body === undefined ? null : JSON.stringify(body),
      });
      const text = await answer.text();
      if (answer.ok) return JSON.parse(text) as unknown;
      if (answer.status !== 429 || attempt === ATTEMPTS_MAX)
        throw new RestError(
          answer.status,
          `${method} ${path} was answered ${String(answer.status)}: ${text.slice(0, 300)}`,
        );
      await delay(1000 * Number(answer.headers.get("retry-after") ?? WAIT_SECONDS));
    }
  }
}
