import type { Shape, WebhookSecrets } from "../shapes/shape.ts";
import type { SimulatedInstance } from "../traffic/traffic.ts";
import { Feed } from "./feed.ts";

export interface HttpFeedsOptions {
  /** Address of ingest, without a path. */
  readonly ingestUrl: string;
  readonly secrets: WebhookSecrets;
  readonly pauseMs: number;
  readonly signal: AbortSignal;
}

const ANSWER_TIMEOUT_MS = 20_000;

/** One feed per instance to ingest. */
export class HttpFeeds {
  readonly #options: HttpFeedsOptions;
  readonly #feeds = new Map<string, Feed>();
  accepted = 0;
  refused = 0;

  constructor(options: HttpFeedsOptions) {
    this.#options = options;
  }

  push({ id, shape }: SimulatedInstance, webhook: object | undefined): void {
    if (webhook === undefined) return;
    const { pauseMs, signal } = this.#options;
    const post = async (body: object) => this.#post(shape, body);
    const feed = this.#feeds.get(id) ?? new Feed({ post, pauseMs, signal });
    this.#feeds.set(id, feed);
    feed.push(webhook);
  }

  waiting(instance: string): number {
    return this.#feeds.get(instance)?.size ?? 0;
  }

  async idle(): Promise<void> {
    await Promise.all([...this.#feeds.values()].map(async (feed) => feed.idle()));
  }

  async #post(shape: Shape, webhook: object): Promise<boolean> {
    const { ingestUrl, secrets } = this.#options;
    const body = JSON.stringify(webhook);
    const status = await fetch(ingestUrl + shape.path, {
      method: "POST",
      headers: { "content-type": "application/json; charset=utf-8", ...shape.headers(body, secrets) },
      body,
      signal: AbortSignal.any([this.#options.signal, AbortSignal.timeout(ANSWER_TIMEOUT_MS)]),
    }).then(
      async (answer) => {
        await answer.arrayBuffer();
        return answer.status;
      },
      () => 0,
    );
    if (status === 200) this.accepted += 1;
    else this.refused += 1;
    return status === 200;
  }
}
