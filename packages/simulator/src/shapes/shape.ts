import type { SimulatedEvent, SimulatedMessage } from "../traffic/message.ts";
import type { Random } from "../traffic/random.ts";

/** How a gateway writes what happens. A further gateway is one more of these, and a line in `shapes.ts`. */
export interface Shape {
  /** Where Ticktally takes its webhooks. */
  readonly path: string;
  /** @param number of the instance in the simulation, from 0 @returns what webhooks name it by */
  instanceId(seed: number, number: number): string;
  /** @param serial no other message of the instance has it; up to 2^42 */
  messageId(serial: number, random: Random): string;
  chatId(instance: string, number: number, isGroup: boolean): string;
  webhook(instance: string, message: SimulatedMessage, event: SimulatedEvent): object;
  /** The account came to be in another state. */
  stateWebhook(instance: string, state: string, at: number): object;
  /** What a journal says of a message now; `undefined` where it does not name it. @param known what has happened so far */
  journalEntry(message: SimulatedMessage, known: readonly SimulatedEvent[]): JournalEntry | undefined;
}

/** The fields that Ticktally reads of a journal's element; there are more. */
export interface JournalEntry {
  readonly type: "incoming" | "outgoing";
  readonly idMessage: string;
  readonly timestamp: number;
  readonly statusMessage?: string;
}
