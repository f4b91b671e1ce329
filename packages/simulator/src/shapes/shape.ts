import type { SimulatedEvent, SimulatedMessage } from "../traffic/message.ts";
import type { Random } from "../traffic/random.ts";

/** How a gateway formats what happens. A new gateway needs one of these and a line in `shapes.ts`. */
export interface Shape {
  /** The name of Ticktally's adapter for it. */
  readonly gateway: string;
  /** The path of its webhooks. */
  readonly path: string;
  /** Whether it has a journal in which lost webhooks can be found. Without one, none are lost. */
  readonly hasJournal: boolean;
  /** Whether statuses of messages sent by the API have a price. */
  readonly hasPrices: boolean;
  /** @param number of the instance in the simulation, from 0 @returns its id in webhooks */
  instanceId(seed: number, number: number): string;
  /** @param serial unique within the instance; up to 2^42 */
  messageId(serial: number, random: Random): string;
  chatId(instance: string, number: number, isGroup: boolean): string;
  webhook(instance: string, message: SimulatedMessage, event: SimulatedEvent): object;
  /** The webhooks for everything that happens to a message, in its own words. */
  reported(message: Pick<SimulatedMessage, "direction" | "origin" | "events">): readonly SimulatedEvent[];
  /** The webhook for a changed state of the account, if the gateway reports it. */
  readonly stateWebhook?: (instance: string, state: string, at: number) => object;
  /** The journal's entry for a message; `undefined` if it has none. @param known what has happened so far */
  journalEntry(message: SimulatedMessage, known: readonly SimulatedEvent[]): JournalEntry | undefined;
  /** How a request proves that it comes from the gateway. */
  headers(body: string, secrets: WebhookSecrets): Readonly<Record<string, string>>;
}

export interface WebhookSecrets {
  readonly webhookToken: string;
  /** The secret that signs bodies, if the gateway signs. */
  readonly appSecret?: string | undefined;
}

/** The fields of a journal's element that Ticktally reads. */
export interface JournalEntry {
  readonly type: "incoming" | "outgoing";
  readonly idMessage: string;
  readonly timestamp: number;
  readonly statusMessage?: string;
}
