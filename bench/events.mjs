// Events as the worker would make them of webhooks, for measuring the store without the way to it.
import { DEFAULT_GATEWAY } from "../packages/gateways/dist/index.js";

/** @typedef {import("../packages/core/dist/index.js").InstanceEvents} InstanceEvents */
/** @typedef {import("../packages/core/dist/index.js").InstanceEvent} InstanceEvent */
/** @typedef {{ instance: string, event: InstanceEvent }} Told */

/** @param {readonly string[]} bodies @returns {Told[]} */
export function eventsOf(bodies) {
  const receivedAt = Math.floor(Date.now() / 1000);
  return bodies.flatMap((body) => {
    const results = DEFAULT_GATEWAY.split(DEFAULT_GATEWAY.parse(body)).map((part) =>
      DEFAULT_GATEWAY.toEvents(part, receivedAt),
    );
    return results.flatMap((result) => {
      if (result.kind !== "events") throw new Error(`a webhook of our own was not understood: ${result.kind}`);
      return result.events.map((event) => ({ instance: result.instance, event }));
    });
  });
}

/** Cut into batches as the store takes them: each instance once. @param {readonly Told[]} events @param {number} size @returns {InstanceEvents[][]} */
export function batchesOf(events, size) {
  return Array.from({ length: Math.ceil(events.length / size) }, (_, i) => {
    /** @type {Map<string, InstanceEvent[]>} */
    const byInstance = new Map();
    for (const { instance, event } of events.slice(i * size, (i + 1) * size)) {
      const together = byInstance.get(instance);
      if (together === undefined) byInstance.set(instance, [event]);
      else together.push(event);
    }
    return [...byInstance].map(([instance, of]) => ({ instance, events: of }));
  });
}

/**
 * Apply all, so many calls at a time.
 * @param {{ apply: (batches: readonly InstanceEvents[]) => Promise<unknown> }} store as of `ourStore`
 * @param {readonly (readonly InstanceEvents[])[]} batches
 * @param {number} inFlight
 */
export async function applyAll(store, batches, inFlight) {
  let next = 0;
  const run = async () => {
    for (let batch = batches[next++]; batch !== undefined; batch = batches[next++]) await store.apply(batch);
  };
  await Promise.all(Array.from({ length: inFlight }, run));
}

/**
 * Messages with their whole timeline: observed, sent, delivered, read.
 * @param {number} count
 * @param {{ instance: string, random: () => number, idOf: (random: () => number) => string }} options
 * @returns {InstanceEvents}
 */
export function wholeLives(count, { instance, random, idOf }) {
  const now = Math.floor(Date.now() / 1000);
  const events = Array.from({ length: count }, () => {
    const at = now - 86_400 + Math.floor(random() * 80_000);
    const chatId = `7900${1_000_000 + Math.floor(random() * 20_000)}@c.us`;
    const common = { idMessage: idOf(random), chatId, origin: /** @type {const} */ ("api") };
    const told = (/** @type {number} */ after) => ({ ...common, at: at + after, receivedAt: at + after + 1 });
    return /** @type {InstanceEvent[]} */ ([
      { kind: "observation", direction: "outgoing", type: "text", ...told(0) },
      { kind: "status", status: "sent", ...told(1) },
      { kind: "status", status: "delivered", ...told(3) },
      { kind: "status", status: "read", ...told(60) },
    ]);
  });
  return { instance, events: events.flat() };
}
