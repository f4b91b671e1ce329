import { RECONCILE_OUTCOMES, type ReconcileOutcome } from "@ticktally/schemas";
import { Counter, type Registry } from "@ticktally/telemetry";
import type { ComparisonCounts } from "./journal-comparison.ts";

const COMPARED = ["missing", "behind", "known", "skipped"] as const;

/** Metrics of this process's calls to gateways and their results. */
export class GatewayMetrics {
  readonly #messages: Counter;
  readonly #runs: Counter;
  readonly #pulls: Counter;

  constructor(registry: Registry) {
    const registers = [registry];
    const labelNames = ["outcome"];
    this.#messages = new Counter({
      name: "ticktally_reconciled_messages_total",
      help: "Messages of gateways' journals: missing or behind here (and made good), known, or skipped because unusable.",
      labelNames,
      registers,
    });
    this.#runs = new Counter({
      name: "ticktally_reconcile_runs_total",
      help: "Looks into gateways' journals, by how they ended.",
      labelNames,
      registers,
    });
    this.#pulls = new Counter({
      name: "ticktally_pulled_notifications_total",
      help: "Notifications read from gateways: stored, or why asking failed.",
      labelNames,
      registers,
    });
    for (const outcome of COMPARED) this.#messages.inc({ outcome }, 0);
    for (const outcome of RECONCILE_OUTCOMES) this.#runs.inc({ outcome }, 0);
    this.#pulls.inc({ outcome: "stored" }, 0);
  }

  reconciled(outcome: ReconcileOutcome, counts: ComparisonCounts): void {
    this.#runs.inc({ outcome });
    for (const compared of COMPARED) this.#messages.inc({ outcome: compared }, counts[compared]);
  }

  pulled(outcome: ReconcileOutcome | "stored" | "not_stored"): void {
    this.#pulls.inc({ outcome });
  }
}
