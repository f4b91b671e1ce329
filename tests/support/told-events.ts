import { CHAT, observation, statusOf } from "./webhooks.ts";

/** What a webhook reported, as a person who counts by hand would write it down. */
export interface ToldEvent {
  readonly instance: string;
  readonly origin: "api" | "phone" | "unknown";
  readonly counts: string;
  /** Unix seconds */
  readonly at: number;
}

export interface Told {
  readonly webhooks: readonly string[];
  readonly events: readonly ToldEvent[];
}

const DAY = 86_400;

/**
 * Lives of messages spread over a period: received ones, sent ones that arrive and are read hours or days later, some
 * without a `delivered` on the way, some that fail. No event contradicts another, so any order is fine.
 */
export function toldEvents(instances: readonly string[], from: number, days: number, messages: number): Told {
  const webhooks: string[] = [];
  const events: ToldEvent[] = [];
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
    const tell = (status: string, when: number) => {
      webhooks.push(JSON.stringify(statusOf(instance, id, status, { chatId: CHAT, timestamp: when, sendByApi })));
      events.push({ instance, origin, counts: status, at: when });
    };
    tell("sent", at);
    if (n % 11 === 0) tell(["failed", "noAccount", "notInGroup", "noActiveSession"][n % 4] ?? "failed", at + 5);
    else if (n % 7 > 0) {
      const arrived = at + 1 + ((n * 31) % (3 * 3600));
      const read = arrived + ((n * 997) % DAY);
      if (n % 6 > 0) tell("delivered", arrived);
      if (n % 3 > 0 || n % 6 === 0) {
        tell("read", read);
        // Who reads a message has received it: the status that was left out was reached then.
        if (n % 6 === 0) events.push({ instance, origin, counts: "delivered", at: read });
      }
    }
  }
  return { webhooks, events };
}
