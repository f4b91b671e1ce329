import {
  ACTION_TYPES,
  CHAT_KINDS,
  DIRECTIONS,
  FAILURES,
  FAILURE_REASONS,
  MEDIA_TYPES,
  MESSAGE_STATUSES,
  MESSAGE_TYPES,
  ORIGINS,
  PRICE_CATEGORIES,
  PRICE_TYPES,
  REACHED_STATUSES,
  type Counter,
  type InstanceSummary,
} from "@ticktally/core";
import type { Metrics } from "@ticktally/schemas";

type UniqueChats = InstanceSummary["uniqueChats"];

/**
 * The counts of one or several instances as `GET /metrics/:instances` answers them, summed.
 * @param instance the names asked for, as they are echoed @param asOfMs Unix ms
 * @param union the chats of several instances together
 */
export function metricsView(
  instance: string,
  summaries: readonly InstanceSummary[],
  asOfMs: number,
  union?: UniqueChats,
): Metrics {
  const together = sumOfSummaries(summaries);
  const count = (counter: Counter) => together.counts.get(counter) ?? 0;
  const unique = uniqueView(together.uniqueChats);

  const received = sum(ORIGINS.map((origin) => count(`messages/incoming/${origin}`)));
  const sent = sum(ORIGINS.map((origin) => count(`messages/outgoing/${origin}`)));
  const ofType = (type: (typeof MESSAGE_TYPES)[number] | "unknown") =>
    sum(DIRECTIONS.map((to) => count(`types/${to}/${type}`)));
  return {
    instance,
    totalMessages: received + sent,
    messagesReceived: received,
    messagesSent: sent,
    messagesByType: by([...MESSAGE_TYPES, "unknown"], ofType),
    groupMessages: count("chats/group"),
    individualMessages: count("chats/individual"),
    messagesWithMedia: sum(MEDIA_TYPES.map(ofType)),
    mediaByType: by(MEDIA_TYPES, ofType),
    messagesByStatus: by(MESSAGE_STATUSES, (status) => count(`status/${status}`)),
    ...unique,
    messagesLast7Days: together.messagesLast7Days,
    messagesLast30Days: together.messagesLast30Days,
    firstMessageAt: isoOrNull(together.firstMessageAt ?? Infinity),
    lastMessageAt: isoOrNull(together.lastMessageAt ?? -Infinity),
    messagesSentByApi: count("messages/outgoing/api"),
    reached: by(ORIGINS, (origin) => by(REACHED_STATUSES, (status) => count(`reached/${origin}/${status}`))),
    failuresByReason: by(FAILURE_REASONS, (reason) =>
      sum(FAILURES.map((failure) => count(`failures/${failure}/${reason}`))),
    ),
    contradictions: count("contradictions"),
    messagesByChatKind: by([...CHAT_KINDS, "unknown"], (kind) => count(`chats/${kind}`)),
    messagesByPriceCategory: by(PRICE_CATEGORIES, (category) => count(`prices/category/${category}`)),
    messagesByPriceType: by(PRICE_TYPES, (type) => count(`prices/type/${type}`)),
    actions: by(ACTION_TYPES, (type) => sum(DIRECTIONS.map((to) => count(`actions/${to}/${type}`)))),
    ...(union === undefined ? {} : { union: uniqueView(union) }),
    asOf: new Date(asOfMs).toISOString(),
  };
}

/** One summary as if several instances were one. */
export function sumOfSummaries(summaries: readonly InstanceSummary[]): InstanceSummary {
  const counts = new Map<Counter, number>();
  const uniqueChats = { ...NO_CHATS };
  let [last7, last30, first, last] = [0, 0, Infinity, -Infinity];
  for (const summary of summaries) {
    for (const [counter, count] of summary.counts) counts.set(counter, (counts.get(counter) ?? 0) + count);
    for (const kind of CHAT_KINDS) uniqueChats[kind] += summary.uniqueChats[kind];
    last7 += summary.messagesLast7Days;
    last30 += summary.messagesLast30Days;
    if (!hasMessages(summary)) continue;
    first = Math.min(first, summary.firstMessageAt ?? Infinity);
    last = Math.max(last, summary.lastMessageAt ?? -Infinity);
  }
  return {
    counts,
    retracted: new Map(),
    uniqueChats,
    messagesLast7Days: last7,
    messagesLast30Days: last30,
    ...(first === Infinity ? {} : { firstMessageAt: first }),
    ...(last === -Infinity ? {} : { lastMessageAt: last }),
  };
}

const NO_CHATS: UniqueChats = { individual: 0, group: 0, channel: 0, status: 0, broadcast: 0 };

/** Edits and reactions leave times as well, which are no message's. */
function hasMessages({ counts }: InstanceSummary): boolean {
  return ORIGINS.some((origin) =>
    DIRECTIONS.some((direction) => (counts.get(`messages/${direction}/${origin}`) ?? 0) > 0),
  );
}

function uniqueView(chats: UniqueChats) {
  return {
    uniqueChats: sum(Object.values(chats)),
    uniqueGroups: chats.group,
    uniqueContacts: chats.individual,
  };
}

/** Unix seconds → ISO 8601 in UTC. */
export function iso(seconds: number): string {
  return new Date(seconds * 1000).toISOString();
}

function isoOrNull(seconds: number): string | null {
  return Number.isFinite(seconds) ? iso(seconds) : null;
}

function by<Word extends string, Value>(words: readonly Word[], of: (word: Word) => Value): Record<Word, Value> {
  return Object.fromEntries(words.map((word) => [word, of(word)])) as Record<Word, Value>;
}

function sum(numbers: readonly number[]): number {
  return numbers.reduce((total, number) => total + number, 0);
}
