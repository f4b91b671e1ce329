import type { SimulatedMessage } from "../traffic/message.ts";
import { verdictOf, type KnownEvent, type Verdict } from "./known.ts";

const MEDIA = new Set(["image", "video", "audio", "document", "sticker"]);
const HOUR = 3_600;

/** Latencies in seconds: how many were measured, and their sum. */
interface Waits {
  count: number;
  sum: number;
}

/** A count by one or several words, and 0 for what was never counted. */
export class Counts {
  readonly #counts = new Map<string, number>();

  add(key: string, by = 1): void {
    this.#counts.set(key, this.of(key) + by);
  }

  of(key: string): number {
    return this.#counts.get(key) ?? 0;
  }

  /** Counts under keys with a prefix, by the rest of the key. */
  under(prefix: string): Readonly<Record<string, number>> {
    const found = [...this.#counts].filter(([key]) => key.startsWith(prefix));
    return Object.fromEntries(found.map(([key, count]) => [key.slice(prefix.length), count]));
  }
}

/** The expected counts of an instance, summed message by message. */
export class Tally {
  readonly counts = new Counts();
  /** By hour since 1970, and then by the names of the series. */
  readonly hours = new Map<number, Counts>();
  readonly chats = { individual: new Set<string>(), group: new Set<string>() };
  readonly sentToDelivered: Waits = { count: 0, sum: 0 };
  readonly deliveredToRead: Waits = { count: 0, sum: 0 };
  /** Their length depends on when the webhooks were sent. */
  eventToReceiptCount = 0;
  firstAt = Infinity;
  lastAt = -Infinity;
  /** Messages by the hour in which they happened. */
  readonly messageHours = new Map<number, number>();
  readonly labels = new Counts();

  /** @param known not empty */
  add(message: SimulatedMessage, known: readonly KnownEvent[]): void {
    const verdict = verdictOf(known);
    this.firstAt = Math.min(this.firstAt, verdict.at);
    for (const { what, at } of known)
      if (what === "observation" || what === "sent" || isFailure(what)) this.lastAt = Math.max(this.lastAt, at);
    this.#addReceipts(known);
    // The type is not known before the message itself is.
    const type = verdict.reported.has("observation") ? message.type : "unknown";
    if (message.isAction) this.counts.add(`actions/${type}`);
    else this.#addMessage(message, type, verdict);
  }

  #addMessage(message: SimulatedMessage, type: string, verdict: Verdict): void {
    const { counts } = this;
    const { direction, origin = "unknown", chatId, isGroup, label } = message;
    const hour = Math.floor(verdict.at / HOUR);
    const kind = isGroup ? "group" : "individual";
    counts.add("messages");
    counts.add(`direction/${direction}`);
    counts.add(`type/${type}`);
    counts.add(`kind/${kind}`);
    if (MEDIA.has(type)) counts.add(`media/${type}`);
    this.chats[kind].add(chatId);
    this.messageHours.set(hour, (this.messageHours.get(hour) ?? 0) + 1);
    if (label !== undefined) this.labels.add(label);
    this.#hour(hour).add(direction === "incoming" ? "received" : "messages");
    if (direction === "outgoing") this.#addOutgoing(origin, message.priceCategory, verdict);
  }

  #addOutgoing(origin: string, priceCategory: string | undefined, verdict: Verdict): void {
    const { status, reported, reached, timed, failure, hasFailed, isContradicted } = verdict;
    const { counts } = this;
    counts.add(`origin/${origin}`);
    // If a gateway reports prices, every status except failures has one.
    if (priceCategory !== undefined && [...reported.keys()].some((word) => !isFailure(word)))
      counts.add(`price/${priceCategory}`);
    counts.add(`status/${status}`);
    if (isContradicted) counts.add("contradictions");
    for (const [word, at] of reached) this.#reach(origin, word, at);
    if (hasFailed && failure !== undefined) {
      this.#reach(origin, failure.what, failure.at);
      counts.add(`reason/${failure.what}/${failure.reason ?? "none"}`);
      return;
    }
    addWait(this.sentToDelivered, timed.get("sent"), timed.get("delivered"));
    addWait(this.deliveredToRead, timed.get("delivered"), timed.get("read"));
  }

  #reach(origin: string, word: string, at: number): void {
    this.counts.add(`reached/${origin}/${word}`);
    this.#hour(Math.floor(at / HOUR)).add(word);
  }

  /** One for each status reported by a webhook in time; two failures of a message count as one. */
  #addReceipts(known: readonly KnownEvent[]): void {
    const words = new Set(known.map(({ what }) => (isFailure(what) ? "failure" : what)));
    for (const word of words) {
      const of = known.filter(({ what }) => word === what || (word === "failure" && isFailure(what)));
      if (of.some(({ isFromJournal = false }) => !isFromJournal)) this.eventToReceiptCount += 1;
    }
  }

  #hour(hour: number): Counts {
    const known = this.hours.get(hour) ?? new Counts();
    this.hours.set(hour, known);
    return known;
  }
}

function isFailure(word: string): boolean {
  return ["failed", "noAccount", "notInGroup", "noActiveSession"].includes(word);
}

function addWait(waits: Waits, from: number | undefined, to: number | undefined): void {
  if (from === undefined || to === undefined) return;
  waits.count += 1;
  waits.sum += Math.max(0, to - from);
}
