import { setImmediate as othersTurn, setTimeout as delay } from "node:timers/promises";
import type { InstanceId, InstanceRegistry, RegisteredInstance } from "@ticktally/core";

export interface FleetSurveyOptions<Sum> {
  readonly registry: Pick<InstanceRegistry, "slices">;
  /** Which instances are shown individually, and the base of the sum of all others. */
  readonly begin: () => Promise<Begun<Sum>>;
  /** Sums the others; called with a few at a time. */
  readonly add: (sum: Sum | undefined, instances: readonly RegisteredInstance[]) => Promise<Sum>;
  /** How long a scrape waits for the others to be read; {@link WAIT_MS} by default. */
  readonly waitMs?: number;
  /** Unix ms */
  readonly now: () => number;
}

export interface Begun<Sum> {
  readonly shown: readonly RegisteredInstance[];
  readonly sum: Sum | undefined;
}

export interface Survey<Sum> {
  readonly shown: readonly RegisteredInstance[];
  readonly others: ReadonlySet<InstanceId>;
  /** `undefined` if there are no others, or they are not read yet. */
  readonly sum: Sum | undefined;
}

/** With fewer than about 10,000 instances a scrape shows the current values of the others. */
const WAIT_MS = 1_000;
/** After a longer read it pauses four times as long, so reading the others takes at most a fifth of a core. */
const REST_FACTOR = 4;
const READ_AT_ONCE = 50;

/**
 * Finds which instances have their own series, and the sum of the others. Reading 100,000 instances takes longer than Prometheus waits, so
 * it runs in the background, and a scrape shows the last result.
 */
export class FleetSurvey<Sum> {
  readonly #options: FleetSurveyOptions<Sum>;
  #found: Survey<Sum> | undefined;
  #running: Promise<void> | undefined;
  #restUntilMs = 0;

  constructor(options: FleetSurveyOptions<Sum>) {
    this.#options = options;
  }

  /** @throws {StoreUnavailableError} */
  async latest(): Promise<Survey<Sum>> {
    const running = this.#running ?? (this.#options.now() < this.#restUntilMs ? undefined : this.#start());
    if (running !== undefined) {
      await within(running, this.#options.waitMs ?? WAIT_MS);
      if (this.#areAllShown) await running;
    }
    // The first time: the individual instances are known long before the others are read.
    while (this.#found === undefined) await Promise.race([this.#running ?? this.#start(), delay(50)]);
    return this.#found;
  }

  async #start(): Promise<void> {
    const startedAtMs = this.#options.now();
    const running = this.#look().finally(() => {
      this.#running = undefined;
      const tookMs = this.#options.now() - startedAtMs;
      const rests = tookMs >= WAIT_MS && !this.#areAllShown;
      this.#restUntilMs = rests ? this.#options.now() + REST_FACTOR * tookMs : 0;
    });
    this.#running = running;
    // Waiting scrapes see the error. It may also come when no scrape waits any more.
    running.catch(() => undefined);
    await running;
  }

  /** Then a survey is short even while Redis is busy, and a scrape shows the instances of its own moment. */
  get #areAllShown(): boolean {
    return this.#found?.others.size === 0;
  }

  async #look(): Promise<void> {
    const { registry, begin, add } = this.#options;
    const { shown, sum: begun } = await begin();
    const names = new Map<InstanceId, string>();
    for await (const slice of registry.slices()) for (const { id, name } of slice) names.set(id, name);
    for (const { id } of shown) names.delete(id);
    const others = new Set(names.keys());
    // Until the others are read, their last sum is used.
    this.#found = { shown, others: this.#found?.others ?? others, sum: this.#found?.sum };
    // Without others there is no sum. Its stored base is used again when there are some.
    let [sum, some]: [Sum | undefined, RegisteredInstance[]] = [others.size === 0 ? undefined : begun, []];
    for (const [id, name] of names) {
      some.push({ id, name });
      if (some.length < READ_AT_ONCE) continue;
      sum = await add(sum, some);
      some = [];
      await othersTurn();
    }
    if (some.length > 0) sum = await add(sum, some);
    this.#found = { shown, others, sum };
  }
}

async function within(work: Promise<void>, waitMs: number): Promise<void> {
  const waiting = new AbortController();
  await Promise.race([work, delay(waitMs, undefined, { signal: waiting.signal }).catch(() => undefined)]);
  waiting.abort();
}
