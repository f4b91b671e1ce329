import { seriesAnswer, type Metrics } from "../../packages/schemas/src/index.ts";
import { orderIndependentPart, Oracle, withoutReceiptTimes } from "../support/oracle.ts";
import type { Samples } from "../support/samples.ts";
import { nowSeconds } from "../support/webhooks.ts";
import type { System } from "../system.ts";
import { allMessages } from "./rest-answers.ts";

export interface Verdict {
  /** Counts that are missing against the specification, of all that is counted of messages. */
  readonly lost: number;
  /** Counts that are too many. */
  readonly countedTwice: number;
  /** Where anything at all differs, in words. */
  readonly differences: readonly string[];
}

const TOLD_MAX = 5;

/**
 * Compare what the system says with what the specification makes of the same webhooks: metrics, every message's record, series
 * and Prometheus; the last three also with each other.
 */
export async function compare(
  system: System,
  instances: readonly string[],
  webhooks: readonly string[],
): Promise<Verdict> {
  const oracle = new Oracle();
  await oracle.take(webhooks);
  const samples = await system.prometheus();
  const differences: string[] = [];
  let [lost, countedTwice] = [0, 0];
  for (const instance of instances.filter((id) => webhooks.some((webhook) => webhook.includes(id)))) {
    const [actual, expected] = [await system.metrics(instance), await oracle.metrics(instance)];
    const tell = (what: string) => differences.push(`${instance}: ${what}`);
    const [there, due] = [messageCounts(actual), messageCounts(expected)];
    due.forEach((count, i) => {
      lost += Math.max(0, count - (there[i] ?? 0));
      countedTwice += Math.max(0, (there[i] ?? 0) - count);
    });
    tellDifferences("metrics", orderIndependentPart(actual), orderIndependentPart(expected), tell);
    const listed = new Map(
      (await allMessages(system, instance, "direction=outgoing&")).map((message) => [message.idMessage, message]),
    );
    for (const message of oracle.messages(instance)) {
      // Edits and the like are no messages, so lists leave them out.
      const found = listed.get(message.idMessage) ?? (await system.message(instance, message.idMessage));
      if (found === undefined) lost += 1;
      tellDifferences(
        `message ${message.idMessage}`,
        withoutReceiptTimes(found) ?? {},
        withoutReceiptTimes(message) ?? {},
        tell,
      );
      listed.delete(message.idMessage);
    }
    for (const id of listed.keys()) tell(`message ${id} was never told`);
    tellDifferences("series", await seriesTotals(system, instance), reachedTotals(actual), tell);
    const [shown, rest] = [shownCounts(samples, instance), restCounts(actual)];
    tellDifferences("Prometheus", actual.contradictions > 0 ? withoutRetracted(shown, rest) : shown, rest, tell);
  }
  return { lost, countedTwice, differences: shortened(differences) };
}

function shortened(differences: readonly string[]): readonly string[] {
  if (differences.length <= TOLD_MAX) return differences;
  return [...differences.slice(0, TOLD_MAX), `and ${differences.length - TOLD_MAX} differences more`];
}

function tellDifferences(what: string, actual: object, expected: object, tell: (text: string) => void): void {
  const [is, due] = [JSON.stringify(sorted(actual)), JSON.stringify(sorted(expected))];
  if (is === due) return;
  const from = Math.max(0, commonPrefix(is, due) - 60);
  tell(`${what}: is …${is.slice(from, from + 160)}…, should be …${due.slice(from, from + 160)}…`);
}

export function commonPrefix(a: string, b: string): number {
  let length = 0;
  while (length < a.length && a[length] === b[length]) length += 1;
  return length;
}

/** The same whatever order an object's keys were made in. */
function sorted(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(sorted);
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(
    Object.entries(value)
      .toSorted(([a], [b]) => (a < b ? -1 : 1))
      .map(([key, inner]) => [key, sorted(inner)]),
  );
}

/** What is counted of messages, as numbers that webhooks only ever add to. */
function messageCounts({ messagesReceived, messagesSent, reached, actions }: Metrics): readonly number[] {
  const counts = [reached.api, reached.phone, reached.unknown, actions].flatMap((group) => Object.values(group));
  return [messagesReceived, messagesSent, ...counts];
}

async function seriesTotals(system: System, instance: string): Promise<object> {
  const now = nowSeconds();
  const { text } = await system.get(`/metrics/${instance}/series?from=${now - 2 * 86_400}&to=${now + 2 * 86_400}`);
  return seriesAnswer.parse(JSON.parse(text)).series.totals;
}

/** The series of all origins together, as the metrics have them. */
function reachedTotals({ messagesReceived, messagesSent, reached }: Metrics): object {
  const sums = Object.keys(reached.api).map((status) => {
    const of = (counts: Readonly<Record<string, number>>) => counts[status] ?? 0;
    return [status, of(reached.api) + of(reached.phone) + of(reached.unknown)] as const;
  });
  return { received: messagesReceived, messages: messagesSent, ...Object.fromEntries(sums) };
}

/** Prometheus's counters never go back: where a webhook took back what another had said, they stay above. */
function withoutRetracted(shown: ShownCounts, rest: ShownCounts): ShownCounts {
  const reached = Object.entries(shown.reached).map(([key, count]) => {
    return [key, Math.min(count, rest.reached[key] ?? 0)] as const;
  });
  return { ...shown, reached: Object.fromEntries(reached), failures: Math.min(shown.failures, rest.failures) };
}

interface ShownCounts {
  readonly received: number;
  readonly byApi: number;
  readonly reached: Readonly<Record<string, number>>;
  readonly inStatus: Readonly<Record<string, number>>;
  readonly failures: number;
}

function shownCounts(samples: Samples, instance: string): ShownCounts {
  const all = (name: string, ...labels: readonly string[]) =>
    samples
      .all(name, { wa_instance: instance })
      .map((sample) => [labels.map((label) => sample.labels[label]).join(" "), sample.value] as const);
  return {
    received: samples.value("ticktally_messages_total", { wa_instance: instance, direction: "incoming" }),
    byApi: samples.value("ticktally_messages_total", { wa_instance: instance, direction: "outgoing", origin: "api" }),
    reached: Object.fromEntries(all("ticktally_message_status_reached_total", "origin", "status")),
    inStatus: Object.fromEntries(all("ticktally_messages_in_status", "status")),
    failures: samples.sum("ticktally_message_failures_total", { wa_instance: instance }),
  };
}

function restCounts(metrics: Metrics): ShownCounts {
  const { messagesReceived, messagesSentByApi, reached, messagesByStatus, failuresByReason } = metrics;
  const known = (["api", "phone"] as const).flatMap((origin) =>
    Object.entries(reached[origin]).map(([status, count]) => [`${origin} ${status}`, count] as const),
  );
  return {
    received: messagesReceived,
    byApi: messagesSentByApi,
    reached: Object.fromEntries(known),
    inStatus: messagesByStatus,
    failures: Object.values(failuresByReason).reduce((sum, count) => sum + count, 0),
  };
}
