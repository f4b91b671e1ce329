import { generatedDay, shuffled, type Day } from "../support/day.ts";
import { Gateway } from "../support/gateway.ts";
import { until } from "../support/until.ts";
import { WEBHOOK_TOKEN } from "../system.ts";
import { History } from "./history.ts";

export interface LoadOptions {
  readonly port: number;
  readonly seed: number;
  readonly webhooksPerSecond?: number;
  /** While the system recovers from the fault. Default: the same. */
  readonly webhooksPerSecondInRecovery?: number;
  /** The number of webhooks; the load ends after the last one. */
  readonly size?: number;
  readonly connections?: number;
  /** How often each webhook is posted. */
  readonly copies?: number;
  /** Makes the webhooks, which are posted in order. Default: {@link generatedDay}, shuffled. */
  readonly makeDay?: (seed: number) => Day;
}

const SIZE = 60_000;
const WEBHOOKS_PER_SECOND = 600;
const INSTANCES = 8;

/** Posts the webhooks of a day until {@link end} is called, repeating each until it is answered 200. */
export class Load {
  readonly instances: readonly string[];
  readonly history = new History();
  /** Whether the load has ended: every started webhook is accepted. */
  isOver = false;
  readonly #options: LoadOptions;
  readonly #webhooks: readonly string[];
  readonly #gateway: Gateway;
  readonly #delivered: Promise<void>;
  #isEnding = false;

  constructor(options: LoadOptions) {
    const {
      port,
      seed,
      webhooksPerSecond = WEBHOOKS_PER_SECOND,
      connections = 32,
      makeDay = shuffledDay(options),
    } = options;
    const day = makeDay(seed);
    this.#options = options;
    this.instances = day.instances;
    this.#webhooks = day.webhooks;
    const { note: onAttempt } = this.history;
    this.#gateway = new Gateway({ port, token: WEBHOOK_TOKEN, connections, webhooksPerSecond, onAttempt });
    this.#delivered = this.#gateway.deliver(this.#taken()).then(() => {
      this.isOver = true;
    });
  }

  get accepted(): number {
    return this.#gateway.accepted;
  }

  /** Post fewer webhooks while the work goes on. */
  async inRecovery(work: () => Promise<unknown>): Promise<void> {
    const { webhooksPerSecond = WEBHOOKS_PER_SECOND, webhooksPerSecondInRecovery = webhooksPerSecond } = this.#options;
    this.#gateway.webhooksPerSecond = webhooksPerSecondInRecovery;
    await work();
    this.#gateway.webhooksPerSecond = webhooksPerSecond;
  }

  /** Resolves once this many more webhooks are answered 200, or the load has ended. */
  async acceptsMore(webhooks: number, timeoutMs: number): Promise<void> {
    const enough = this.accepted + webhooks;
    await until(`${webhooks} more webhooks are accepted`, () => this.accepted >= enough || this.isOver, timeoutMs);
  }

  /** Start no more webhooks, and wait until the refused ones are accepted. */
  async end(timeoutMs: number): Promise<void> {
    this.#isEnding = true;
    await this.ended(timeoutMs);
  }

  /** Resolves when every started webhook is accepted. */
  async ended(timeoutMs: number): Promise<void> {
    await until("everything that was refused is accepted", () => this.isOver, timeoutMs);
    await this.#delivered;
  }

  *#taken(): Generator<string> {
    for (const webhook of this.#webhooks) {
      if (this.#isEnding) return;
      yield webhook;
    }
  }
}

function shuffledDay({ size = SIZE, copies = 1 }: LoadOptions): (seed: number) => Day {
  return (seed) => {
    const day = generatedDay({ size, messages: Math.ceil(size / 4), instanceCount: INSTANCES, seed });
    return { ...day, webhooks: shuffled(Array.from({ length: copies }, () => day.webhooks).flat(), seed) };
  };
}
