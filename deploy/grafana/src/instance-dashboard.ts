import { BigValueTextMode } from "@grafana/grafana-foundation-sdk/common";
import { dashboard, instanceVariable } from "./dashboard.ts";
import { bars, fleetQuantile, increase, rate, row, stat, timeSeries } from "./panels.ts";

const OF = 'wa_instance="$wa_instance"';
const REACHED = "ticktally_message_status_reached_total";

const reached = (status: string) => `sum(${increase(`${REACHED}{${OF},status=~"${status}"}`)})`;

/** One account: how it is, and what becomes of its messages. */
export const instanceDashboard = dashboard({
  uid: "ticktally-instance",
  title: "Ticktally / Instance",
  description: "One WhatsApp account: its state at the gateway, and what becomes of its messages.",
})
  .withVariable(instanceVariable({ multi: false }))
  .withPanel(
    stat({
      title: "State",
      description: "The state that the gateway last reported; empty before the first report.",
      unit: "none",
      queries: [["{{state}}", `max by (state) (ticktally_instance_state{${OF}}) == 1`]],
    }).textMode(BigValueTextMode.Name),
  )
  .withPanel(
    stat({
      title: "Last webhook",
      description: "Time since the last webhook of this account.",
      unit: "s",
      limits: [1_800, 86_400],
      queries: [["ago", `time() - max(ticktally_instance_last_webhook_timestamp_seconds{${OF}})`]],
    }),
  )
  .withPanel(
    stat({ title: "Sent", description: "In the time shown.", unit: "short", queries: [["sent", reached("sent")]] }),
  )
  .withPanel(
    stat({
      title: "Delivered",
      description: "Share of the messages sent in the last hour.",
      unit: "percentunit",
      queries: [["delivered", `wa_instance:ticktally_messages_delivered:ratio1h{${OF}}`]],
    }),
  )
  .withPanel(
    stat({
      title: "Read",
      description: "Share of the messages delivered in the last hour.",
      unit: "percentunit",
      queries: [["read", `wa_instance:ticktally_messages_read:ratio1h{${OF}}`]],
    }),
  )
  .withPanel(
    stat({
      title: "Failed",
      description: "Share of the messages tried in the last hour.",
      unit: "percentunit",
      limits: [0.05, 0.1],
      queries: [["failed", `wa_instance:ticktally_messages_failed:ratio1h{${OF}}`]],
    }),
  )
  .withRow(row("Messages"))
  .withPanel(
    bars({
      title: "Funnel",
      description: "Which statuses messages reached in the time shown, including skipped steps.",
      unit: "short",
      queries: ["sent", "delivered", "read", "played"].map((status) => [status, reached(status)]),
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
      title: "Current statuses",
      description: "Outgoing messages by their current status.",
      unit: "short",
      queries: [["{{status}}", `sort_desc(max by (status) (ticktally_messages_in_status{${OF}}) > 0)`]],
    }),
  )
  .withPanel(
    timeSeries({
      title: "Messages a minute, by the status they reached",
      description: "By the time of receipt; failures included.",
      unit: "cpm",
      queries: [["{{status}}", `60 * sum by (status) (${rate(`${REACHED}{${OF}}`)})`]],
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
  .withRow(row("Trust"))
  .withPanel(
    timeSeries({
      title: "Latency, 95 % of messages",
      description: "From sent to delivered, from delivered to read, and from the event to its webhook.",
      unit: "s",
      queries: [["{{stage}}", fleetQuantile(0.95, "stage", `ticktally_message_latency_seconds_bucket{${OF}}`)]],
    }),
  )
  .withPanel(
    timeSeries({
      title: "Status webhooks a minute, by outcome",
      description:
        "Duplicates and late ones are normal. Contradictions report both a delivery and a failure of one message.",
      unit: "cpm",
      queries: [["{{outcome}}", `60 * sum by (outcome) (${rate(`ticktally_status_events_total{${OF}}`)})`]],
    }),
  )
  .withPanel(
    timeSeries({
      title: "Type or sender unknown",
      description: "Messages whose type or sender no webhook has reported yet; the counters leave them out.",
      unit: "short",
      queries: [["{{kind}}", `max by (kind) (ticktally_messages_unattributed{${OF}})`]],
    }),
  );
