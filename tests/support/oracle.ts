import { metricsView } from "../../apps/api/src/metrics/metrics-view.ts";
import { messageView } from "../../apps/api/src/messages/message-view.ts";
import { MemoryMessageStore } from "../../packages/core/src/testing/memory-message-store.ts";
import { DEFAULT_GATEWAY } from "../../packages/gateways/src/index.ts";
import type { Message, Metrics } from "../../packages/schemas/src/index.ts";
import { nowSeconds } from "./webhooks.ts";

/** A test oracle: gives webhooks to the in-memory store, which is the specification, one after the other. */
export class Oracle {
  readonly #store = new MemoryMessageStore();

  async take(webhooks: readonly string[]): Promise<void> {
    for (const text of webhooks) {
      for (const part of DEFAULT_GATEWAY.split(DEFAULT_GATEWAY.parse(text))) {
        const result = DEFAULT_GATEWAY.toEvents(part, nowSeconds());
        if (result.kind !== "events") throw new Error(`the oracle accepts only webhooks with events: ${text}`);
        await this.#store.apply([result]);
      }
    }
  }

  async metrics(instance: string): Promise<Metrics> {
    return metricsView(instance, await this.#store.summaries([instance], Date.now()), 0);
  }

  /** All outgoing messages of an instance. */
  messages(instance: string): readonly Message[] {
    const outgoing = this.#store.records(instance).filter(({ direction }) => direction === "outgoing");
    return outgoing.map((record) => messageView(record, new Map()));
  }
}

/** Metrics without the fields that depend on the time and order of the webhooks. */
export function orderIndependentPart(metrics: Metrics): object {
  return { ...metrics, asOf: undefined, lastMessageAt: undefined };
}

/** A message without the times of receipt. */
export function withoutReceiptTimes(message: Message | undefined): object | undefined {
  if (message === undefined) return undefined;
  return { ...message, timeline: message.timeline.map(({ status, at }) => ({ status, at })) };
}
