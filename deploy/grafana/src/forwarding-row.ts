import type { dashboard } from "./dashboard.ts";
import { ownQuantile, row, timeSeries, world } from "./panels.ts";

/** What waits for targets, and what became of it. */
export function withForwarding(board: ReturnType<typeof dashboard>): ReturnType<typeof dashboard> {
  return board
    .withRow(row("Forwarding"))
    .withPanel(
      timeSeries({
        title: "Webhooks that wait for a target",
        description: "If their number grows, the target is down, refuses webhooks, or is too slow.",
        unit: "short",
        queries: [["{{target}}", world("ticktally_forward_depth")]],
      }),
    )
    .withPanel(
      timeSeries({
        title: "Longest wait for a target",
        description: "Age of the oldest waiting webhook. After a day it becomes a dead letter.",
        unit: "s",
        queries: [["{{target}}", world("ticktally_forward_oldest_seconds")]],
      }),
    )
    .withPanel(
      timeSeries({
        title: "Requests to targets a second, by outcome",
        description: "Failed requests are repeated.",
        unit: "reqps",
        queries: [
          [
            "{{target}} {{outcome}}",
            "sum by (target, outcome) (rate(ticktally_forward_attempts_total[$__rate_interval])) > 0",
          ],
        ],
      }),
    )
    .withPanel(
      timeSeries({
        title: "From receipt to target",
        description: "From receipt by ingest to receipt by the target, over all targets.",
        unit: "s",
        queries: [0.5, 0.95, 0.99].map((q) => [
          `p${String(q * 100)}`,
          ownQuantile(q, "ticktally_forward_delay_seconds_bucket"),
        ]),
      }),
    )
    .withPanel(
      timeSeries({
        title: "Webhooks that a target did not receive, in an hour",
        description: "Dead letters, dropped webhooks, and webhooks refused to the gateway because too many waited.",
        unit: "short",
        queries: [
          ["{{target}} dead letters", "max by (target) (increase(ticktally_forward_dead_total[1h]))"],
          ["{{target}} dropped", "max by (target) (increase(ticktally_forward_dropped_total[1h]))"],
          ["{{target}} refused", "max by (target) (increase(ticktally_forward_refused_total[1h]))"],
        ],
      }),
    )
    .withPanel(
      timeSeries({
        title: "Bytes of waiting webhooks and dead letters",
        description: "Of all targets together, in Redis, encrypted.",
        unit: "bytes",
        queries: [["bytes", "max(ticktally_forward_bytes)"]],
      }),
    );
}
