import { dashboard, instanceVariable } from "./dashboard.ts";
import { bars, fleetQuantile, increase, rate, row, stat, timeSeries } from "./panels.ts";

const OF = 'wa_instance=~"$wa_instance"';
const REACHED = "ticktally_message_status_reached_total";
const FAILED = 'status=~"failed|noAccount|notInGroup|noActiveSession"';

const reached = (selector: string) => `sum(${increase(`${REACHED}{${OF},${selector}}`)})`;

/** What became of the messages of all accounts, or of those that are chosen. */
export const messagesDashboard = dashboard({
  uid: "ticktally-messages",
  title: "Ticktally / Messages",
  description: "What became of the messages: how many went out, arrived, were read, and why the rest failed.",
})
  .withVariable(instanceVariable({ multi: true }))
  .withRow(row("In the time shown"))
  .withPanel(
    stat({
      title: "Sent",
      description: "Messages that went out.",
      unit: "short",
      queries: [["sent", reached('status="sent"')]],
    }),
  )
  .withPanel(
    stat({
      title: "Delivered",
      description: "Messages that reached a phone.",
      unit: "short",
      queries: [["delivered", reached('status="delivered"')]],
    }),
  )
  .withPanel(
    stat({
      title: "Read",
      description: "Messages whose chat was opened; people may hide this.",
      unit: "short",
      queries: [["read", reached('status="read"')]],
    }),
  )
  .withPanel(
    stat({
      title: "Failed",
      description: "Messages that failed, whatever the reason.",
      unit: "short",
      queries: [["failed", reached(FAILED)]],
    }),
  )
  .withPanel(
    stat({
      title: "Failure ratio",
      description: "Of the messages that went out or failed in the last hour, how many failed.",
      unit: "percentunit",
      limits: [0.05, 0.1],
      queries: [
        [
          "failed",
          `sum(wa_instance:ticktally_messages_failed:increase1h{${OF}}) / sum(wa_instance:ticktally_messages_tried:increase1h{${OF}})`,
        ],
      ],
    }),
  )
  .withPanel(
    stat({
      title: "Received",
      description: "Incoming messages.",
      unit: "short",
      queries: [["received", `sum(${increase(`ticktally_messages_total{${OF},direction="incoming"}`)})`]],
    }),
  )
  .withPanel(
    bars({
      title: "Funnel",
      description: "Which statuses messages reached, including skipped steps and deliveries of older messages.",
      unit: "short",
      queries: ["sent", "delivered", "read", "played"].map((status) => [status, reached(`status="${status}"`)]),
    }),
  )
  .withPanel(
    bars({
      title: "Failures by reason",
      description: "Why messages failed in the time shown.",
      unit: "short",
      queries: [
        [
          "{{status}}: {{reason}}",
          `sort_desc(sum by (status, reason) (${increase(`ticktally_message_failures_total{${OF}}`)}) > 0)`,
        ],
      ],
    }),
  )
  .withPanel(
    bars({
      title: "Most failures",
      description: "The ten instances with the most failures in the time shown.",
      unit: "short",
      queries: [["{{wa_instance}}", `topk(10, sum by (wa_instance) (${increase(`${REACHED}{${OF},${FAILED}}`)}) > 0)`]],
    }),
  )
  .withRow(row("Rates"))
  .withPanel(
    timeSeries({
      title: "Messages a minute, by the status they reached",
      description: "By the time of receipt.",
      unit: "cpm",
      queries: [
        ["{{status}}", `60 * sum by (status) (${rate(`${REACHED}{${OF},status=~"sent|delivered|read|played"}`)})`],
      ],
    }),
  )
  .withPanel(
    timeSeries({
      title: "Failures a minute, by reason",
      description: "Reasons that occurred; the runbook lists all.",
      unit: "cpm",
      stacked: true,
      queries: [["{{reason}}", `60 * sum by (reason) (${rate(`ticktally_message_failures_total{${OF}}`)}) > 0`]],
    }),
  )
  .withPanel(
    timeSeries({
      title: "Ratios over the hour before",
      description:
        "All instances together, whatever is selected: delivered of sent, read of delivered, failed of tried.",
      unit: "percentunit",
      queries: [
        ["delivered", "job:ticktally_messages_delivered:ratio1h"],
        ["read", "job:ticktally_messages_read:ratio1h"],
        ["failed", "job:ticktally_messages_failed:ratio1h"],
      ],
    }),
  )
  .withPanel(
    timeSeries({
      title: "Failure ratio by instance, over 5 minutes",
      description:
        "The ratio that the alert TicktallyFailureSpike uses, without numbers that have no account. It needs at least 10 failures.",
      unit: "percentunit",
      queries: [["{{wa_instance}}", `topk(20, wa_instance:ticktally_messages_failed_with_account:ratio5m{${OF}})`]],
    }),
  )
  .withPanel(
    timeSeries({
      title: "Messages a minute, by direction and sender",
      description: "Outgoing messages sent by the API or by the phone, and incoming ones.",
      unit: "cpm",
      queries: [
        ["{{direction}} {{origin}}", `60 * sum by (direction, origin) (${rate(`ticktally_messages_total{${OF}}`)})`],
      ],
    }),
  )
  .withPanel(
    timeSeries({
      title: "Outgoing messages by current status",
      description: "Look at messages that stay pending or sent for long.",
      unit: "short",
      queries: [["{{status}}", `sum by (status) (max without (instance, pod) (ticktally_messages_in_status{${OF}}))`]],
    }),
  )
  .withRow(row("Latency and types"))
  .withPanel(
    timeSeries({
      title: "From sent to delivered",
      description: "Percentiles 50 and 95, over all messages. 1 s resolution.",
      unit: "s",
      queries: [0.5, 0.95].map((q) => [
        `p${String(q * 100)}`,
        fleetQuantile(q, "stage", `ticktally_message_latency_seconds_bucket{${OF},stage="sent_to_delivered"}`),
      ]),
    }),
  )
  .withPanel(
    timeSeries({
      title: "From delivered to read",
      description: "Percentiles 50 and 95, over messages that were read. 1 s resolution.",
      unit: "s",
      queries: [0.5, 0.95].map((q) => [
        `p${String(q * 100)}`,
        fleetQuantile(q, "stage", `ticktally_message_latency_seconds_bucket{${OF},stage="delivered_to_read"}`),
      ]),
    }),
  )
  .withPanel(
    bars({
      title: "Types of outgoing messages",
      description: "In the time shown; messages whose type no webhook has reported yet are left out.",
      unit: "short",
      span: 12,
      queries: [
        [
          "{{type}}",
          `sort_desc(sum by (type) (${increase(`ticktally_messages_by_type_total{${OF},direction="outgoing"}`)}) > 0)`,
        ],
      ],
    }),
  )
  .withPanel(
    bars({
      title: "Types of incoming messages",
      description: "In the time shown.",
      unit: "short",
      span: 12,
      queries: [
        [
          "{{type}}",
          `sort_desc(sum by (type) (${increase(`ticktally_messages_by_type_total{${OF},direction="incoming"}`)}) > 0)`,
        ],
      ],
    }),
  );
