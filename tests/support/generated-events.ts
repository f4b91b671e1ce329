import { CHAT, observation, statusOf } from "./webhooks.ts";

/** One event that a webhook reports and that must be counted. */
export interface GeneratedEvent {
  readonly instance: string;
  readonly origin: "api" | "phone" | "unknown";
  readonly counts: string;
  /** Unix seconds */
  readonly at: number;
}

export interface GeneratedEvents {
  readonly webhooks: readonly string[];
  readonly events: readonly GeneratedEvent[];
}

const DAY = 86_400;

/**
 * Webhooks of messages spread over a period, and the events that must be counted: received messages, sent messages that are delivered and read
 * hours or days later, some without a `delivered`, some that fail. No event contradicts another, so any order gives the same counts.
 */
export function generatedEvents(
  instances: readonly string[],
  from: number,
  days: number,
  messages: number,
): GeneratedEvents {
  const webhooks: string[] = [];
  const events: GeneratedEvent[] = [];
  for (let n = 0; n < messages; n++) {
    const instance = instances[n % instances.length] ?? "";
    const id = `S${String(n)}`;
    const at = from + ((n * 7919 * 61) % (days * DAY));
    if (n % 5 === 0) {
      webhooks.push(JSON.stringify(observation("incoming", instance, id, undefined, { timestamp: at })));
      events.push({ instance, origin: "unknown", counts: "received", at });
      continue;
    }
    const origin = (["api", "api", "phone", "unknown"] as const)[n % 4] ?? "api";
    const sendByApi = origin === "unknown" ? undefined : origin === "api";
    const report = (status: string, when: number) => {
      webhooks.push(JSON.stringify(statusOf(instance, id, status, { chatId: CHAT, timestamp: when, sendByApi })));
      events.push({ instance, origin, counts: status, at: when });
    };
    report("sent", at);
    if (n % 11 === 0) report(["failed", "noAccount", "notInGroup", "noActiveSession"][n % 4] ?? "failed", at + 5);
    else if (n % 7 > 0) {
      const arrived = at + 1 + ((n * 31) % (3 * 3600));
      const read = arrived + ((n * 997) % DAY);
      if (n % 6 > 0) report("delivered", arrived);
      if (n % 3 > 0 || n % 6 === 0) {
        report("read", read);
        // A message that was read was delivered: the missing status counts at the same time.
        if (n % 6 === 0) events.push({ instance, origin, counts: "delivered", at: read });
      }
    }
  }
  return { webhooks, events };
}
