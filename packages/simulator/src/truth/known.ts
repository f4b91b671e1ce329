import type { JournalEntry } from "../shapes/shape.ts";
import type { SimulatedEvent, SimulatedMessage } from "../traffic/message.ts";
import type { Period } from "../traffic/traffic.ts";

/** An event that was reported to Ticktally. */
export interface KnownEvent extends SimulatedEvent {
  /** Whether it came from a journal: then its receipt says nothing about latency. */
  readonly isFromJournal?: boolean;
}

/** The events whose webhooks were sent in a period. */
export function knownEvents({ events, sendings }: SimulatedMessage, { fromMs, toMs }: Period): readonly KnownEvent[] {
  return events.filter((_, n) => sendings[n]?.some((atMs) => atMs >= fromMs && atMs < toMs));
}

const PROGRESS = ["pending", "yellowCard", "sent", "delivered", "read", "played"];
const FAILURES = ["failed", "noAccount", "notInGroup", "noActiveSession"];
const [SENT, DELIVERED] = [PROGRESS.indexOf("sent"), PROGRESS.indexOf("delivered")];

/** What should be known about a message after these events. */
export interface Verdict {
  /** When it happened, Unix seconds. */
  readonly at: number;
  readonly status: string;
  /** Earliest reported times by status; for failures only the one that is kept. */
  readonly reported: ReadonlyMap<string, number>;
  /** Those of them that a webhook reported; latencies are measured between these. */
  readonly timed: ReadonlyMap<string, number>;
  /** The ranks that count as reached, and when. */
  readonly reached: ReadonlyMap<string, number>;
  readonly failure: KnownEvent | undefined;
  /** Whether the failure ended the message. */
  readonly hasFailed: boolean;
  readonly isContradicted: boolean;
}

/**
 * Ticktally's rules, implemented independently of core and in a different way, because an error that both shared would go unnoticed.
 */
export function verdictOf(known: readonly KnownEvent[]): Verdict {
  const reported = earliestByWord(known);
  const timeOf = (word: string) => reported.get(word) ?? Infinity;
  const proof = Math.min(...PROGRESS.slice(DELIVERED).map(timeOf));
  const [failure] = known.filter(({ what }) => FAILURES.includes(what)).toSorted(byPrecedence);
  const hasFailed = failure !== undefined && failure.at <= proof;
  const reached = new Map<string, number>();
  const rank = hasFailed ? SENT : PROGRESS.findLastIndex((word) => reported.has(word));
  for (const [place, word] of PROGRESS.entries()) {
    if (place < SENT || place > rank) continue;
    // A skipped rank was reached when the next one was.
    const at = hasFailed ? timeOf(word) : Math.min(...PROGRESS.slice(place).map(timeOf));
    if (at < Infinity) reached.set(word, at);
  }
  return {
    at: Math.min(...known.map(({ at }) => at)),
    status: hasFailed ? failure.what : (PROGRESS[rank] ?? "pending"),
    reported,
    timed: earliestByWord(known.filter(({ isFromJournal = false }) => !isFromJournal)),
    reached,
    failure,
    hasFailed,
    isContradicted: failure !== undefined && proof < Infinity,
  };
}

function earliestByWord(known: readonly KnownEvent[]): ReadonlyMap<string, number> {
  const earliest = new Map<string, number>();
  for (const { what, at } of known) earliest.set(what, Math.min(at, earliest.get(what) ?? Infinity));
  return earliest;
}

/** The earlier failure; of two in one second the one whose word, then whose text comes first. */
function byPrecedence(a: KnownEvent, b: KnownEvent): number {
  if (a.at !== b.at) return a.at - b.at;
  return (
    FAILURES.indexOf(a.what) - FAILURES.indexOf(b.what) || ((a.description ?? "") < (b.description ?? "") ? -1 : 1)
  );
}

/** What is known after the message was compared with the journal, which at most adds the message itself and its status. */
export function repaired(known: readonly KnownEvent[], entry: JournalEntry | undefined): readonly KnownEvent[] {
  if (entry === undefined) return known;
  const events = [...known];
  if (!events.some(({ what }) => what === "observation")) {
    const at = Math.min(entry.timestamp, ...events.map((event) => event.at));
    events.push({ what: "observation", at, isFromJournal: true });
  }
  const what = entry.statusMessage;
  if (what === undefined || what === "pending" || !isStatus(what)) return events;
  const reason = what === "noAccount" ? "no_account" : what === "notInGroup" ? "not_in_group" : undefined;
  const status: KnownEvent = {
    what,
    at: entry.timestamp,
    isFromJournal: true,
    ...(reason === undefined ? {} : { reason }),
  };
  const [before, after] = [verdictOf(events), verdictOf([...events, status])];
  const isNews =
    before.status !== after.status ||
    before.isContradicted !== after.isContradicted ||
    before.failure?.what !== after.failure?.what;
  return isNews ? [...events, status] : events;
}

function isStatus(word: string): word is Exclude<SimulatedEvent["what"], "observation"> {
  return PROGRESS.includes(word) || FAILURES.includes(word);
}
