// Events as the worker makes them from webhooks, to measure the store alone.
import { DEFAULT_GATEWAY } from "@ticktally/gateways";
import type { InstanceEvents, InstanceEvent } from "@ticktally/core";

export interface TimedEvents {
  instance: string;
  event: InstanceEvent;
}

export function eventsOf(bodies: readonly string[]): TimedEvents[] {
  const receivedAt = Math.floor(Date.now() / 1000);
  return bodies.flatMap((body) => {
    const results = DEFAULT_GATEWAY.split(DEFAULT_GATEWAY.parse(body)).map((part) =>
      DEFAULT_GATEWAY.toEvents(part, receivedAt),
    );
    return results.flatMap((result) => {
      if (result.kind !== "events") throw new Error(`a generated webhook has no events: ${result.kind}`);
      return result.events.map((event) => ({ instance: result.instance, event }));
    });
  });
}

/** Split events into batches for the store, with each instance once in a batch. */
export function batchesOf(events: readonly TimedEvents[], size: number): InstanceEvents[][] {
  return Array.from({ length: Math.ceil(events.length / size) }, (_, i) => {
    const byInstance = new Map<string, InstanceEvent[]>();
    for (const { instance, event } of events.slice(i * size, (i + 1) * size)) {
      const together = byInstance.get(instance);
      if (together === undefined) byInstance.set(instance, [event]);
      else together.push(event);
    }
    return [...byInstance].map(([instance, of]) => ({ instance, events: of }));
  });
}

/**
 * Apply all batches, with `inFlight` calls at a time.
 * @param store as of `ourStore`
 */
export async function applyAll(
  store: { apply: (batches: readonly InstanceEvents[]) => Promise<unknown> },
  batches: readonly (readonly InstanceEvents[])[],
  inFlight: number,
) {
  let next = 0;
  const run = async () => {
    for (let batch = batches[next++]; batch !== undefined; batch = batches[next++]) await store.apply(batch);
  };
  await Promise.all(Array.from({ length: inFlight }, run));
}

/** Events of messages with a complete timeline: observed, sent, delivered, read. */
export function completeMessages(
  count: number,
  { instance, random, idOf }: { instance: string; random: () => number; idOf: (random: () => number) => string },
): InstanceEvents {
  const now = Math.floor(Date.now() / 1000);
  const events = Array.from({ length: count }, () => {
    const at = now - 86_400 + Math.floor(random() * 80_000);
    const chatId = `7900${1_000_000 + Math.floor(random() * 20_000)}@c.us`;
    const common = { idMessage: idOf(random), chatId, origin: "api" as const };
    const timed = (after: number) => ({ ...common, at: at + after, receivedAt: at + after + 1 });
    return [
      { kind: "observation", direction: "outgoing", type: "text", ...timed(0) },
      { kind: "status", status: "sent", ...timed(1) },
      { kind: "status", status: "delivered", ...timed(3) },
      { kind: "status", status: "read", ...timed(60) },
    ] as InstanceEvent[];
  });
  return { instance, events: events.flat() };
}
