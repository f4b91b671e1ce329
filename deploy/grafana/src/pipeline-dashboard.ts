import { dashboard } from "./dashboard.ts";
import { withForwarding } from "./forwarding-row.ts";
import { ownQuantile, row, stat, timeSeries, world } from "./panels.ts";

/** From the webhook to the counts: is everything that came in counted, and how soon? */
const board = dashboard({
  uid: "ticktally-pipeline",
  title: "Ticktally / Pipeline",
  description: "From the webhook to the counts: acknowledgement, queue, workers and Redis.",
})
  .withPanel(
    stat({
      title: "Oldest webhook not counted",
      description: "0 when nothing waits.",
      unit: "s",
      limits: [60, 900],
      queries: [["age", "max(ticktally_queue_age_seconds)"]],
    }),
  )
  .withPanel(
    stat({
      title: "Quarantine",
      description: "Webhooks that could not be understood; they are kept.",
      unit: "short",
      limits: [1, 1_000],
      queries: [["webhooks", "max(ticktally_quarantine_size)"]],
    }),
  )
  .withPanel(
    stat({
      title: "Processes",
      description: "How many processes of each kind answer Prometheus.",
      unit: "short",
      span: 8,
      queries: [["{{job}}", 'sum by (job) (up{job=~"ticktally-.+"})']],
    }),
  )
  .withPanel(
    stat({
      title: "Counters that decreased",
      description: "Times a counter in Redis was lower than shown before: Redis lost data.",
      unit: "short",
      limits: [1, 1],
      queries: [["regressions", "max(ticktally_regressions_total)"]],
    }),
  )
  .withPanel(
    stat({
      title: "Redis memory",
      description: "Share of its limit; nothing is shown if it has none.",
      unit: "percentunit",
      limits: [0.8, 0.95],
      queries: [
        [
          "{{node}}",
          `max by (node) (ticktally_redis_used_memory_bytes) / (max by (node) (ticktally_redis_max_memory_bytes) > 0)`,
        ],
      ],
    }),
  )
  .withRow(row("Ingest"))
  .withPanel(
    timeSeries({
      title: "Webhooks a second, by answer",
      description: "After any outcome but accepted, the gateway holds back the webhooks of that instance.",
      unit: "reqps",
      queries: [["{{outcome}}", "sum by (outcome) (rate(ticktally_webhooks_received_total[$__rate_interval]))"]],
    }),
  )
  .withPanel(
    timeSeries({
      title: "Webhooks a second, by type",
      description: "Accepted ones.",
      unit: "reqps",
      queries: [
        [
          "{{type}}",
          'sum by (type) (rate(ticktally_webhooks_received_total{outcome="accepted"}[$__rate_interval])) > 0',
        ],
      ],
    }),
  )
  .withPanel(
    timeSeries({
      title: "Acknowledgement",
      description: "From a request's arrival to its 200, including the storing of its batch.",
      unit: "s",
      queries: [0.5, 0.95, 0.99].map((q) => [
        `p${String(q * 100)}`,
        ownQuantile(q, "ticktally_ingest_ack_seconds_bucket"),
      ]),
    }),
  )
  .withPanel(
    timeSeries({
      title: "Batch size",
      description: "Webhooks stored together. Batches grow with the load.",
      unit: "short",
      queries: [
        [
          "mean",
          "sum(rate(ticktally_ingest_batch_size_sum[$__rate_interval])) / sum(rate(ticktally_ingest_batch_size_count[$__rate_interval]))",
        ],
        ["p95", ownQuantile(0.95, "ticktally_ingest_batch_size_bucket")],
      ],
    }),
  )
  .withRow(row("Queue and workers"))
  .withPanel(
    timeSeries({
      title: "Jobs in the queue",
      description: "Batches by state. If many keep waiting, there are too few workers.",
      unit: "short",
      queries: [["{{state}}", `sum by (state) (${world("ticktally_queue_jobs")})`]],
    }),
  )
  .withPanel(
    timeSeries({
      title: "Age of the oldest webhook that is not counted",
      description: "How old the counts are.",
      unit: "s",
      queries: [["age", "max(ticktally_queue_age_seconds)"]],
    }),
  )
  .withPanel(
    timeSeries({
      title: "Webhooks applied a second, by outcome",
      description: "Over all workers.",
      unit: "ops",
      queries: [["{{outcome}}", "sum by (outcome) (rate(ticktally_webhooks_applied_total[$__rate_interval]))"]],
    }),
  )
  .withPanel(
    timeSeries({
      title: "Webhooks applied a second, by worker",
      description: "Work should be spread over all of them.",
      unit: "ops",
      queries: [["{{instance}}", "sum by (instance) (rate(ticktally_webhooks_applied_total[$__rate_interval]))"]],
    }),
  )
  .withPanel(
    timeSeries({
      title: "Lag: from receipt to counted",
      description: "Of a batch's oldest webhook.",
      unit: "s",
      queries: [0.5, 0.95, 0.99].map((q) => [
        `p${String(q * 100)}`,
        ownQuantile(q, "ticktally_pipeline_lag_seconds_bucket"),
      ]),
    }),
  )
  .withPanel(
    timeSeries({
      title: "Time to apply a batch",
      description: "Including waits for Redis.",
      unit: "s",
      queries: [0.5, 0.95].map((q) => [`p${String(q * 100)}`, ownQuantile(q, "ticktally_apply_seconds_bucket")]),
    }),
  )
  .withPanel(
    timeSeries({
      title: "Damaged commits",
      description: "Commits that Redis stored only partly, or in which a counter would have gone below 0. Should be 0.",
      unit: "short",
      queries: [["damaged", "sum(increase(ticktally_damaged_commits_total[$__rate_interval]))"]],
    }),
  )
  .withPanel(
    timeSeries({
      title: "Quarantine",
      description: "Webhooks in quarantine, the limits, and webhooks dropped because it was full.",
      unit: "short",
      queries: [
        ["kept", "max(ticktally_quarantine_size)"],
        ["limit", "min(ticktally_quarantine_max)"],
        ["kept of the instance with most", "max(ticktally_instance_quarantine_size)"],
        ["limit of one instance", "min(ticktally_quarantine_instance_max)"],
        ["dropped", "sum(increase(ticktally_quarantine_dropped_total[$__rate_interval]))"],
      ],
    }),
  )
  .withRow(row("Redis"))
  .withPanel(
    timeSeries({
      title: "Memory",
      description: "Used memory and its limit (0: none).",
      unit: "bytes",
      queries: [
        ["{{node}} used", "max by (node) (ticktally_redis_used_memory_bytes)"],
        ["{{node}} limit", "max by (node) (ticktally_redis_max_memory_bytes)"],
      ],
    }),
  )
  .withPanel(
    timeSeries({
      title: "Commands a second",
      description: "Including those inside scripts.",
      unit: "ops",
      queries: [["{{node}}", "max by (node) (rate(ticktally_redis_commands_total[$__rate_interval]))"]],
    }),
  )
  .withPanel(
    timeSeries({
      title: "Persistence and eviction",
      description: "Append-only file works (1 is good), may evict (0 is good), keys evicted (0 is good).",
      unit: "short",
      queries: [
        ["{{node}} append-only file well", "min by (node) (ticktally_redis_aof_ok)"],
        ["{{node}} may evict", "max by (node) (ticktally_redis_may_evict)"],
        ["{{node}} evicted", "max by (node) (increase(ticktally_redis_evicted_keys_total[$__rate_interval]))"],
      ],
    }),
  )
  .withPanel(
    timeSeries({
      title: "Connections",
      description: "Of all processes together.",
      unit: "short",
      queries: [["{{node}}", "max by (node) (ticktally_redis_connected_clients)"]],
    }),
  )
  .withRow(row("Processes"))
  .withPanel(
    timeSeries({
      title: "CPU",
      description: "1 is one core; a Node process cannot use much more.",
      unit: "percentunit",
      span: 8,
      queries: [["{{job}} {{instance}}", 'rate(process_cpu_seconds_total{job=~"ticktally-.+"}[$__rate_interval])']],
    }),
  )
  .withPanel(
    timeSeries({
      title: "Memory of processes",
      description: "Resident memory.",
      unit: "bytes",
      span: 8,
      queries: [["{{job}} {{instance}}", 'process_resident_memory_bytes{job=~"ticktally-.+"}']],
    }),
  )
  .withPanel(
    timeSeries({
      title: "Event loop lag, 99 %",
      description: "How long work waits for its turn inside a process.",
      unit: "s",
      span: 8,
      queries: [["{{job}} {{instance}}", 'nodejs_eventloop_lag_p99_seconds{job=~"ticktally-.+"}']],
    }),
  );

export const pipelineDashboard = withForwarding(board);
