import { setTimeout as delay } from "node:timers/promises";
import {
  LAST_SENDING_SECONDS,
  webhookOf,
  type Period,
  type Sending,
  type SimulatedInstance,
  type Traffic,
} from "../traffic/traffic.ts";

export interface LiveOptions {
  readonly traffic: Traffic;
  readonly push: (instance: SimulatedInstance, webhook: object | undefined) => void;
  /** Webhooks due before this moment are already sent, Unix ms. */
  readonly fromMs: number;
  /** Messages before this moment do not exist, Unix ms. */
  readonly sinceMs: number;
}

const TICK_MS = 100;

/** Emits webhooks when they are due. */
export class Live {
  readonly #options: LiveOptions;
  /** By the tick in which they are due. */
  readonly #due = new Map<number, Sending[]>();
  #nextTick: number;
  #nextMinute: number;

  constructor(options: LiveOptions) {
    this.#options = options;
    const { fromMs, sinceMs } = options;
    this.#nextTick = Math.floor(fromMs / TICK_MS);
    this.#nextMinute = Math.floor(fromMs / 60_000) + 1;
    // Pending webhooks, whose messages began earlier or in this minute.
    const begunFromMs = Math.max(sinceMs, fromMs - LAST_SENDING_SECONDS * 1000);
    this.#addBegun({ fromMs: begunFromMs, toMs: this.#nextMinute * 60_000 });
  }

  /** Push what was due until now. @param nowMs Unix ms, never going back */
  advance(nowMs: number): void {
    const { push } = this.#options;
    for (; this.#nextMinute * 60_000 <= nowMs; this.#nextMinute++) {
      const fromMs = this.#nextMinute * 60_000;
      this.#addBegun({ fromMs, toMs: fromMs + 60_000 });
    }
    for (; (this.#nextTick + 1) * TICK_MS <= nowMs; this.#nextTick++) {
      const due = this.#due.get(this.#nextTick) ?? [];
      this.#due.delete(this.#nextTick);
      for (const sending of due.sort((a, b) => a.atMs - b.atMs)) push(sending.instance, webhookOf(sending));
    }
  }

  /** Everything due before this moment was pushed, Unix ms. */
  get pushedUntilMs(): number {
    return this.#nextTick * TICK_MS;
  }

  #addBegun(begun: Period): void {
    const { traffic, fromMs } = this.#options;
    for (const instance of traffic.instances)
      for (const sending of traffic.sendings(instance, begun, { fromMs, toMs: Infinity })) this.#add(sending);
  }

  #add(sending: Sending): void {
    const tick = Math.floor(sending.atMs / TICK_MS);
    const known = this.#due.get(tick);
    if (known === undefined) this.#due.set(tick, [sending]);
    else known.push(sending);
  }
}

/** Run a live simulation until it is stopped. @param until Unix ms */
export async function runLive(live: Live, now: () => number, signal: AbortSignal, until = Infinity): Promise<void> {
  while (!signal.aborted && now() < until) {
    live.advance(Math.min(now(), until));
    await delay(TICK_MS, undefined, { signal }).catch(() => undefined);
  }
  live.advance(Math.min(now(), until));
}
