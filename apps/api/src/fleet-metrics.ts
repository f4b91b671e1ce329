import {
  FAILURES,
  LATENCY_BOUNDS_SECONDS,
  LATENCY_STAGES,
  MESSAGE_STATUSES,
  MESSAGE_TYPES,
  OUTCOMES,
  REACHED_STATUSES,
  REASONS_BY_FAILURE,
  DIRECTIONS,
  type Counter,
  type InstanceState,
} from "@ticktally/core";
import { Family, labelled } from "./exposition.ts";

/** One row of the fleet: an instance, or all beyond the limit together. Counts of growing counters never go back. */
export interface FleetRow {
  readonly name: string;
  readonly count: (counter: Counter) => number;
  readonly state?: InstanceState;
  /** Unix seconds */
  readonly lastWebhookAt?: number;
}

/** Known senders of outgoing messages; what is `unknown` is left out until it is known, so that counters only grow. */
const KNOWN_ORIGINS = ["api", "phone"] as const;

/** What gateways document; another word is shown as it came. */
const INSTANCE_STATES = ["authorized", "notAuthorized", "blocked", "starting", "yellowCard", "sleepMode", "suspended"];

/** The roll-ups of design §7, one set of series for each row, zeros for every label value that is known. */
export function fleetText(rows: readonly FleetRow[]): string {
  const families = [messages, byType, reached, failures, inStatus, events, latency, state, lastWebhook, unattributed];
  return families.map((family) => family(rows).text()).join("");
}

type FamilyOf = (rows: readonly FleetRow[]) => Family;

const messages: FamilyOf = (rows) => {
  const family = new Family("ticktally_messages_total", "counter", "Messages by direction and sender.");
  for (const { name, count } of rows) {
    const labels = (direction: string, origin: string) => labelled({ wa_instance: name, direction, origin });
    family.add(labels("incoming", ""), count("messages/incoming/unknown"));
    for (const origin of KNOWN_ORIGINS) family.add(labels("outgoing", origin), count(`messages/outgoing/${origin}`));
  }
  return family;
};

const byType: FamilyOf = (rows) => {
  const family = new Family("ticktally_messages_by_type_total", "counter", "Messages by direction and type.");
  for (const { name, count } of rows) {
    for (const direction of DIRECTIONS) {
      for (const type of MESSAGE_TYPES) {
        family.add(labelled({ wa_instance: name, direction, type }), count(`types/${direction}/${type}`));
      }
    }
  }
  return family;
};

const reached: FamilyOf = (rows) => {
  const help = "Outgoing messages that ever reached a status, skipped ones included.";
  const family = new Family("ticktally_message_status_reached_total", "counter", help);
  for (const { name, count } of rows) {
    for (const status of REACHED_STATUSES) {
      for (const origin of KNOWN_ORIGINS) {
        family.add(labelled({ wa_instance: name, status, origin }), count(`reached/${origin}/${status}`));
      }
    }
  }
  return family;
};

const failures: FamilyOf = (rows) => {
  const family = new Family("ticktally_message_failures_total", "counter", "Outgoing messages that failed, by reason.");
  for (const { name, count } of rows) {
    for (const status of FAILURES) {
      for (const reason of REASONS_BY_FAILURE[status]) {
        family.add(labelled({ wa_instance: name, status, reason }), count(`failures/${status}/${reason}`));
      }
    }
  }
  return family;
};

const inStatus: FamilyOf = (rows) => {
  const family = new Family("ticktally_messages_in_status", "gauge", "Outgoing messages by where they stand now.");
  for (const { name, count } of rows) {
    for (const status of MESSAGE_STATUSES)
      family.add(labelled({ wa_instance: name, status }), count(`status/${status}`));
  }
  return family;
};

const events: FamilyOf = (rows) => {
  const help = "Status webhooks by what they did to their message; retries count again.";
  const family = new Family("ticktally_status_events_total", "counter", help);
  for (const { name, count } of rows) {
    for (const outcome of OUTCOMES) family.add(labelled({ wa_instance: name, outcome }), count(`outcomes/${outcome}`));
  }
  return family;
};

const latency: FamilyOf = (rows) => {
  const help = "Time between two statuses of a message, or from an event to its webhook; 1 s resolution.";
  const family = new Family("ticktally_message_latency_seconds", "histogram", help);
  for (const { name, count } of rows) {
    for (const stage of LATENCY_STAGES) {
      let cumulative = 0;
      [...LATENCY_BOUNDS_SECONDS, "+Inf"].forEach((bound, bucket) => {
        cumulative += count(`latency/${stage}/${bucket}`);
        family.add(labelled({ wa_instance: name, stage, le: String(bound) }), cumulative, "_bucket");
      });
      const labels = labelled({ wa_instance: name, stage });
      family.add(labels, count(`latency/${stage}/sum`), "_sum");
      family.add(labels, cumulative, "_count");
    }
  }
  return family;
};

const state: FamilyOf = (rows) => {
  const family = new Family("ticktally_instance_state", "gauge", "1 for the state the gateway last told, else 0.");
  for (const row of rows) {
    const current = row.state?.state;
    const words =
      current === undefined || INSTANCE_STATES.includes(current) ? INSTANCE_STATES : [...INSTANCE_STATES, current];
    for (const word of words) family.add(labelled({ wa_instance: row.name, state: word }), word === current ? 1 : 0);
  }
  return family;
};

const lastWebhook: FamilyOf = (rows) => {
  const help = "Receipt of the instance's latest webhook.";
  const family = new Family("ticktally_instance_last_webhook_timestamp_seconds", "gauge", help);
  for (const { name, lastWebhookAt } of rows) {
    if (lastWebhookAt !== undefined) family.add(labelled({ wa_instance: name }), lastWebhookAt);
  }
  return family;
};

const unattributed: FamilyOf = (rows) => {
  const help = "Messages whose type or origin no webhook has told yet; the counters leave them out.";
  const family = new Family("ticktally_messages_unattributed", "gauge", help);
  for (const { name, count } of rows) {
    const types = count("types/incoming/unknown") + count("types/outgoing/unknown");
    family.add(labelled({ wa_instance: name, kind: "type" }), types);
    family.add(labelled({ wa_instance: name, kind: "origin" }), count("messages/outgoing/unknown"));
  }
  return family;
};
