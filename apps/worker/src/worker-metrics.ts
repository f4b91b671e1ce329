import { OUTCOMES, type Outcome } from "@ticktally/core";
import { ownBounds, type QuarantineBounds } from "@ticktally/redis";
import { Counter, Gauge, Histogram, type Registry } from "@ticktally/telemetry";

/** Metrics of what this process did. */
export class WorkerMetrics {
  readonly #applied: ReadonlyMap<string, Counter.Internal>;
  readonly applySeconds: Histogram;
  readonly #lagSeconds: Histogram;
  /** Totals since the start, for `GET /health`. */
  readonly totals = { counted: 0, quarantined: 0 };
  readonly gauges = { lagSeconds: 0 };
  readonly quarantineDropped: Counter;
  readonly damagedCommits: Counter;

  /** @param quarantine its limits, exported so an alert can fire before it is full */
  constructor(registry: Registry, quarantine: QuarantineBounds) {
    const registers = [registry];
    const applied = new Counter({
      name: "ticktally_webhooks_applied_total",
      help: "Webhooks this worker has finished with, by outcome; retries count again.",
      labelNames: ["outcome"],
      registers,
    });
    this.#applied = new Map([...OUTCOMES, "quarantined"].map((outcome) => [outcome, applied.labels(outcome)]));
    for (const child of this.#applied.values()) child.inc(0);
    this.quarantineDropped = new Counter({
      name: "ticktally_quarantine_dropped_total",
      help: "Webhooks dropped from the quarantine because it was full.",
      registers,
    });
    this.damagedCommits = new Counter({
      name: "ticktally_damaged_commits_total",
      help: "Commits of which Redis refused a part, or in which a counter would have gone below 0 and stays at 0.",
      registers,
    });
    const own = ownBounds(quarantine);
    for (const [name, help, value] of [
      ["max", "Webhooks the quarantine may hold; beyond that its oldest are dropped.", quarantine.entriesMax],
      ["max_bytes", "Bytes the quarantine may hold; beyond that its oldest webhooks are dropped.", quarantine.bytesMax],
      ["instance_max", "Webhooks of one instance that the quarantine may hold.", own.entriesMax],
      ["instance_max_bytes", "Bytes of one instance's webhooks that the quarantine may hold.", own.bytesMax],
    ] as const)
      new Gauge({ name: `ticktally_quarantine_${name}`, help, registers }).set(value);
    this.applySeconds = new Histogram({
      name: "ticktally_apply_seconds",
      help: "Time to read and apply one batch, waits for Redis included.",
      buckets: [0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.5, 1, 5, 30],
      registers,
    });
    this.#lagSeconds = new Histogram({
      name: "ticktally_pipeline_lag_seconds",
      help: "Time from the receipt of a batch's oldest webhook to its being counted.",
      buckets: [0.005, 0.01, 0.02, 0.05, 0.1, 0.5, 1, 5, 30, 120, 600, 3600, 86400],
      registers,
    });
  }

  applied(outcome: Outcome | "quarantined", count = 1): void {
    this.#applied.get(outcome)?.inc(count);
    this.totals[outcome === "quarantined" ? outcome : "counted"] += count;
  }

  /** @param seconds from the receipt of a batch's oldest webhook to its being counted */
  lag(seconds: number): void {
    this.#lagSeconds.observe(seconds);
    this.gauges.lagSeconds = seconds;
  }
}
