import type { SimulatedEvent, SimulatedMessage } from "../traffic/message.ts";
import type { Random } from "../traffic/random.ts";

/** How a gateway writes what happens. A further gateway is one more of these, and a line in `shapes.ts`. */
export interface Shape {
  /** As Ticktally's adapter of it is named. */
  readonly gateway: string;
  /** Where Ticktally takes its webhooks. */
  readonly path: string;
  /** What is lost can be found there; of another gateway nothing is lost. */
  readonly hasJournal: boolean;
  /** Statuses of what the API sends have a price. */
  readonly hasPrices: boolean;
  /** @param number of the instance in the simulation, from 0 @returns what webhooks name it by */
  instanceId(seed: number, number: number): string;
  /** @param serial no other message of the instance has it; up to 2^42 */
  messageId(serial: number, random: Random): string;
  chatId(instance: string, number: number, isGroup: boolean): string;
  webhook(instance: string, message: SimulatedMessage, event: SimulatedEvent): object;
  /** What it reports, in its own words, of all that happens to a message. */
  reported(message: Pick<SimulatedMessage, "direction" | "origin" | "events">): readonly SimulatedEvent[];
  /** The account came to be in another state; only of a gateway that reports that. */
  readonly stateWebhook?: (instance: string, state: string, at: number) => object;
  /** What a journal says of a message now; `undefined` where it does not name it. @param known what has happened so far */
  journalEntry(message: SimulatedMessage, known: readonly SimulatedEvent[]): JournalEntry | undefined;
  /** How a request proves that it comes from the gateway. */
  headers(body: string, secrets: WebhookSecrets): Readonly<Record<string, string>>;
}

export interface WebhookSecrets {
  readonly webhookToken: string;
  /** What bodies are signed with; only some gateways have it. */
  readonly appSecret?: string | undefined;
}

/** The fields that Ticktally reads of a journal's element; there are more. */
export interface JournalEntry {
  readonly type: "incoming" | "outgoing";
  readonly idMessage: string;
  readonly timestamp: number;
  readonly statusMessage?: string;
}
