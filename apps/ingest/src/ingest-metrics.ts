import { WEBHOOK_TYPES } from "@ticktally/schemas";
import { Counter, Histogram, type Registry } from "@ticktally/telemetry";

const INGEST_OUTCOMES = [
  "accepted",
  "unauthorised",
  "forbidden_address",
  "not_json",
  "too_large",
  "wrong_content_type",
  "aborted",
  "unavailable",
] as const;
export type IngestOutcome = (typeof INGEST_OUTCOMES)[number];

/** `none`: refused before its type was known, or it names none. */
const TYPE_LABELS = [...WEBHOOK_TYPES, "other", "none"] as const;
export type TypeLabel = (typeof TYPE_LABELS)[number];

/** What this process did. */
export class IngestMetrics {
  readonly #received: Map<string, Counter.Internal>;
  readonly ackSeconds: Histogram;
  readonly batchSize: Histogram;

  constructor(registry: Registry) {
    const registers = [registry];
    const received = new Counter({
      name: "ticktally_webhooks_received_total",
      help: "Webhooks posted to ingest, by what became of the request and by typeWebhook.",
      labelNames: ["outcome", "type"],
      registers,
    });
    // One child per pair, made once: looking labels up for each webhook costs more than counting it, and a zero must show.
    const pairs = [
      ...TYPE_LABELS.map((type) => ["accepted", type] as const),
      ...TYPE_LABELS.map((type) => ["unavailable", type] as const),
      ...INGEST_OUTCOMES.map((outcome) => [outcome, "none"] as const),
    ];
    this.#received = new Map(pairs.map(([outcome, type]) => [key(outcome, type), received.labels(outcome, type)]));
    for (const child of this.#received.values()) child.inc(0);
    this.ackSeconds = new Histogram({
      name: "ticktally_ingest_ack_seconds",
      help: "Time from a request's arrival to its 200, the storing of its batch included.",
      buckets: [0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1, 2, 5],
      registers,
    });
    this.batchSize = new Histogram({
      name: "ticktally_ingest_batch_size",
      help: "Webhooks stored together as one job.",
      buckets: [1, 2, 5, 10, 20, 50, 100, 200, 500, 1000],
      registers,
    });
  }

  received(outcome: IngestOutcome, type: TypeLabel = "none"): void {
    (this.#received.get(key(outcome, type)) ?? this.#received.get(key(outcome, "none")))?.inc();
  }
}

/** @param body a parsed webhook of any shape */
export function typeLabel(body: unknown): TypeLabel {
  if (typeof body !== "object" || body === null || !("typeWebhook" in body)) return "none";
  if (typeof body.typeWebhook !== "string") return "none";
  return TYPE_LABELS.find((label) => label === body.typeWebhook) ?? "other";
}

function key(outcome: IngestOutcome, type: TypeLabel): string {
  return `${outcome}/${type}`;
}
