import type { SimulatedMessage } from "../traffic/message.ts";
import type { Period, SimulatedInstance, Traffic } from "../traffic/traffic.ts";
import { knownEvents, repaired, verdictOf, type KnownEvent } from "./known.ts";
import { Tally, type Counts } from "./tally.ts";

/** What was sent in a simulation. */
export interface Sent extends Period {
  /** Whether lost webhooks have been recovered from the journal. */
  readonly isReconciled: boolean;
}

/** The messages of an instance that Ticktally knows, and what it knows about them. */
export function* knownMessages(
  traffic: Traffic,
  instance: SimulatedInstance,
  sent: Sent,
): Generator<{ readonly message: SimulatedMessage; readonly known: readonly KnownEvent[] }> {
  const { toMs, isReconciled } = sent;
  for (const message of traffic.messagesBetween(instance, sent)) {
    const reportedEvents = knownEvents(message, sent);
    const entry = isReconciled ? instance.shape.journalEntry(message, happened(message, toMs)) : undefined;
    const known = repaired(reportedEvents, entry);
    if (known.length > 0) yield { message, known };
  }
}

/** What has happened to a message by a given time, reported or not. */
export function happened({ events }: SimulatedMessage, atMs: number): SimulatedMessage["events"] {
  return events.filter(({ at }) => at * 1000 < atMs);
}

export function tallyOf(traffic: Traffic, instance: SimulatedInstance, sent: Sent): Tally {
  const tally = new Tally();
  for (const { message, known } of knownMessages(traffic, instance, sent)) tally.add(message, known);
  return tally;
}

/** `GET /metrics/:instance`. @param asOf Unix seconds */
export function expectedMetrics(tally: Tally, asOf: number): object {
  const { counts, chats, firstAt, lastAt, messageHours } = tally;
  const isEmpty = counts.of("messages") === 0;
  const since = (days: number) => {
    const from = Math.floor(asOf / 3600) - days * 24;
    return [...messageHours].reduce((sum, [hour, messages]) => sum + (hour >= from ? messages : 0), 0);
  };
  return {
    totalMessages: counts.of("messages"),
    messagesReceived: counts.of("direction/incoming"),
    messagesSent: counts.of("direction/outgoing"),
    messagesByType: counts.under("type/"),
    groupMessages: counts.of("kind/group"),
    individualMessages: counts.of("kind/individual"),
    messagesWithMedia: sumOf(counts.under("media/")),
    mediaByType: counts.under("media/"),
    messagesByStatus: counts.under("status/"),
    uniqueChats: chats.individual.size + chats.group.size,
    uniqueGroups: chats.group.size,
    uniqueContacts: chats.individual.size,
    messagesLast7Days: since(7),
    messagesLast30Days: since(30),
    firstMessageAt: isEmpty ? null : iso(firstAt),
    lastMessageAt: isEmpty ? null : iso(lastAt),
    messagesSentByApi: counts.of("origin/api"),
    reached: Object.fromEntries(
      ["unknown", "api", "phone"].map((origin) => [origin, counts.under(`reached/${origin}/`)]),
    ),
    failuresByReason: byReason(counts),
    contradictions: counts.of("contradictions"),
    messagesByChatKind: counts.under("kind/"),
    messagesByPriceCategory: counts.under("price/"),
    actions: counts.under("actions/"),
  };
}

/** `GET /metrics/:instance/failures` */
export function expectedFailures({ counts }: Tally): object {
  const all = counts.under("reason/");
  const rows = Object.entries(all).map(([key, count]) => [...key.split("/"), count] as const);
  const byStatus: Record<string, number> = {};
  for (const [status = "", , count] of rows) byStatus[status] = (byStatus[status] ?? 0) + Number(count);
  return { total: sumOf(all), byStatus, byReason: all };
}

/** `GET /metrics/:instance/latency` */
export function expectedLatency({ sentToDelivered, deliveredToRead, eventToReceiptCount }: Tally): object {
  const stage = ({ count, sum }: { readonly count: number; readonly sum: number }) => {
    return { count, mean: count === 0 ? null : sum / count };
  };
  return {
    sentToDelivered: stage(sentToDelivered),
    deliveredToRead: stage(deliveredToRead),
    eventToReceipt: { count: eventToReceiptCount },
  };
}

/** The points of `GET /metrics/:instance/series` that are not all 0, by their beginning. @param hoursAPoint 1 or 24 */
export function expectedSeries({ hours }: Tally, hoursAPoint: number): Readonly<Record<string, object>> {
  const points: Record<string, Record<string, number>> = {};
  for (const [hour, counts] of hours) {
    const at = iso(Math.floor(hour / hoursAPoint) * hoursAPoint * 3600);
    const point = (points[at] ??= {});
    for (const [word, count] of Object.entries(counts.under(""))) point[word] = (point[word] ?? 0) + count;
  }
  return points;
}

/** `GET /messages/:instance/:idMessage`, and an entry of `GET /messages/:instance`. */
export function expectedMessage(message: SimulatedMessage, known: readonly KnownEvent[]): object {
  const { id, direction, origin, chatId, type } = message;
  const { status, reported, failure, isContradicted } = verdictOf(known);
  const isOutgoing = direction === "outgoing";
  const observedAt = reported.get("observation");
  const timeline = [...reported].filter(
    ([word]) => word !== "observation" && (!isFailureWord(word) || word === failure?.what),
  );
  return {
    idMessage: id,
    direction,
    origin: isOutgoing ? origin : null,
    chatId,
    type: observedAt === undefined ? "unknown" : type,
    status: isOutgoing ? status : null,
    contradicted: isContradicted,
    observedAt: observedAt === undefined ? null : iso(observedAt),
    ...(failure === undefined ? {} : { reason: failure.reason ?? "none" }),
    timeline: Object.fromEntries(timeline.map(([word, at]) => [word, iso(word === failure?.what ? failure.at : at)])),
  };
}

function isFailureWord(word: string): boolean {
  return ["failed", "noAccount", "notInGroup", "noActiveSession"].includes(word);
}

function byReason(counts: Counts): Readonly<Record<string, number>> {
  const reasons: Record<string, number> = {};
  for (const [key, count] of Object.entries(counts.under("reason/"))) {
    const [, reason = ""] = key.split("/");
    reasons[reason] = (reasons[reason] ?? 0) + count;
  }
  return reasons;
}

function sumOf(counts: Readonly<Record<string, number>>): number {
  return Object.values(counts).reduce((sum, count) => sum + count, 0);
}

function iso(seconds: number): string {
  return new Date(seconds * 1000).toISOString();
}
