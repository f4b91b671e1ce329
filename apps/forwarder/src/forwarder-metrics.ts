import { ATTEMPT_OUTCOMES, type AttemptOutcome } from "@ticktally/core";
import { Counter, Histogram, type Registry } from "@ticktally/telemetry";

/** Metrics of what this process sent. There are at most 100 targets. */
export class ForwarderMetrics {
  readonly #attempts: Counter;
  readonly #attemptSeconds: Histogram;
  readonly #delaySeconds: Histogram;
  #delivered = 0;
  #failed = 0;
  readonly #shown = new Set<string>();

  constructor(registry: Registry) {
    const registers = [registry];
    this.#attempts = new Counter({
      name: "ticktally_forward_attempts_total",
      help: "Requests to targets, by result.",
      labelNames: ["target", "outcome"],
      registers,
    });
    this.#attemptSeconds = new Histogram({
      name: "ticktally_forward_attempt_seconds",
      help: "Time until targets answered or requests failed.",
      labelNames: ["target"],
      buckets: [0.01, 0.05, 0.1, 0.5, 1, 5, 15, 30, 60, 180],
      registers,
    });
    this.#delaySeconds = new Histogram({
      name: "ticktally_forward_delay_seconds",
      help: "Time from the receipt of a webhook to its receipt by the target.",
      labelNames: ["target"],
      buckets: [0.05, 0.1, 0.5, 1, 5, 30, 120, 600, 3600, 86400],
      registers,
    });
  }

  /** A new target starts with zeros, so its first attempts are an increase; a removed one is no longer exported. */
  show(targets: readonly string[]): void {
    for (const target of targets) {
      if (this.#shown.has(target)) continue;
      this.#shown.add(target);
      for (const outcome of ATTEMPT_OUTCOMES) this.#attempts.inc({ target, outcome }, 0);
    }
    for (const target of this.#shown) {
      if (targets.includes(target)) continue;
      this.#shown.delete(target);
      for (const outcome of ATTEMPT_OUTCOMES) this.#attempts.remove({ target, outcome });
      this.#attemptSeconds.remove({ target });
      this.#delaySeconds.remove({ target });
    }
  }

  /** Totals since the start, over all targets. */
  get totals(): Readonly<Record<string, number>> {
    return { delivered: this.#delivered, failed: this.#failed };
  }

  attempted(target: string, outcome: AttemptOutcome, durationMs: number): void {
    this.#attempts.inc({ target, outcome });
    if (outcome === "success") this.#delivered += 1;
    else this.#failed += 1;
    this.#attemptSeconds.observe({ target }, durationMs / 1000);
  }

  /** @param delayMs since the webhook's receipt */
  delivered(target: string, delayMs: number): void {
    this.#delaySeconds.observe({ target }, Math.max(0, delayMs) / 1000);
  }
}
