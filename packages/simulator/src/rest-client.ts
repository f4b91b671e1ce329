import { setTimeout as delay } from "node:timers/promises";

/** An error answer. */
export class RestError extends Error {
  readonly status: number;

  constructor(status: number, message: string) {
    super(message);
    this.status = status;
  }
}

const ATTEMPTS_MAX = 20;
const WAIT_SECONDS = 5;

/** A client of Ticktally's REST interface, like any other program. */
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

  /** Retries after 429. @throws {RestError} */
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
