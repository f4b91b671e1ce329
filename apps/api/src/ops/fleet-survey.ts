import { setImmediate as othersTurn, setTimeout as delay } from "node:timers/promises";
import type { InstanceId, InstanceRegistry, RegisteredInstance } from "@ticktally/core";

export interface FleetSurveyOptions<Sum> {
  readonly registry: Pick<InstanceRegistry, "slices">;
  /** Which instances are shown each by itself, and what the sum of all others begins with. */
  readonly begin: () => Promise<Begun<Sum>>;
  /** What all others are together; called with so many at a time. */
  readonly add: (sum: Sum | undefined, instances: readonly RegisteredInstance[]) => Promise<Sum>;
  /** A scrape waits so long for the others to be read; {@link WAIT_MS} if not given. */
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
  /** `undefined`: there are no others, or they were not yet read. */
  readonly sum: Sum | undefined;
}

/** With fewer than some 10,000 instances what a scrape shows of the others is of this moment. */
const WAIT_MS = 1_000;
/** Who reads for longer rests four times as long: reading others takes a fifth of a core at most. */
const REST_FACTOR = 4;
const READ_AT_ONCE = 50;

/**
 * Which instances have series of their own, and what the others are together. To read 100,000 instances takes longer than Prometheus
 * waits, so it goes on beside scrapes, and a scrape shows what was found last.
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
    // The first time: who is shown is known long before the others are read.
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
    // Who waits for it sees the error; it may come when no scrape waits any more.
    running.catch(() => undefined);
    await running;
  }

  /** Then a survey is short whatever it takes while Redis is busy, and a scrape shows who is there at its own moment. */
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
    // Until the others are read their last sum stands.
    this.#found = { shown, others: this.#found?.others ?? others, sum: this.#found?.sum };
    // Without others there is no sum: what is kept of it is shown again when there are.
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
