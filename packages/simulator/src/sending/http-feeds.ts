import type { SimulatedInstance } from "../traffic/traffic.ts";
import { Feed } from "./feed.ts";

export interface HttpFeedsOptions {
  /** Of ingest, without a path. */
  readonly ingestUrl: string;
  readonly webhookToken: string;
  readonly pauseMs: number;
  readonly signal: AbortSignal;
}

const ANSWER_TIMEOUT_MS = 20_000;

/** A feed for each instance, to a Ticktally's ingest. */
export class HttpFeeds {
  readonly #options: HttpFeedsOptions;
  readonly #feeds = new Map<string, Feed>();
  accepted = 0;
  refused = 0;

  constructor(options: HttpFeedsOptions) {
    this.#options = options;
  }

  push({ id, shape }: SimulatedInstance, webhook: object): void {
    const { pauseMs, signal } = this.#options;
    const post = async (body: object) => this.#post(shape.path, body);
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

  async #post(path: string, webhook: object): Promise<boolean> {
    const { ingestUrl, webhookToken } = this.#options;
    const status = await fetch(ingestUrl + path, {
      method: "POST",
      headers: { "content-type": "application/json; charset=utf-8", authorization: `Bearer ${webhookToken}` },
      body: JSON.stringify(webhook),
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
