import { seriesAnswer, type Metrics } from "../../packages/schemas/src/index.ts";
import { orderIndependentPart, Oracle, withoutReceiptTimes } from "../support/oracle.ts";
import type { Samples } from "../support/samples.ts";
import { nowSeconds } from "../support/webhooks.ts";
import type { System } from "../system.ts";
import { allMessages } from "./rest-answers.ts";

export interface Verdict {
  /** How much lower the counts of messages are than those of the specification, in total. */
  readonly lost: number;
  /** How much higher they are, in total. */
  readonly countedTwice: number;
  /** A description of each difference. */
  readonly differences: readonly string[];
}

const REPORTED_MAX = 5;

/**
 * Compare the system with the specification, which gets the same webhooks: metrics and the record of every message. Then compare the system's
 * series and Prometheus samples with its metrics.
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
    const report = (what: string) => differences.push(`${instance}: ${what}`);
    const [actualCounts, expectedCounts] = [messageCounts(actual), messageCounts(expected)];
    expectedCounts.forEach((count, i) => {
      lost += Math.max(0, count - (actualCounts[i] ?? 0));
      countedTwice += Math.max(0, (actualCounts[i] ?? 0) - count);
    });
    reportDifferences("metrics", orderIndependentPart(actual), orderIndependentPart(expected), report);
    const listed = new Map(
      (await allMessages(system, instance, "direction=outgoing&")).map((message) => [message.idMessage, message]),
    );
    for (const message of oracle.messages(instance)) {
      // Lists leave out actions such as edits, which are not messages.
      const found = listed.get(message.idMessage) ?? (await system.message(instance, message.idMessage));
      if (found === undefined) lost += 1;
      reportDifferences(
        `message ${message.idMessage}`,
        withoutReceiptTimes(found) ?? {},
        withoutReceiptTimes(message) ?? {},
        report,
      );
      listed.delete(message.idMessage);
    }
    for (const id of listed.keys()) report(`message ${id} was never reported`);
    reportDifferences("series", await seriesTotals(system, instance), reachedTotals(actual), report);
    const [shown, rest] = [shownCounts(samples, instance), restCounts(actual)];
    reportDifferences("Prometheus", actual.contradictions > 0 ? withoutRetracted(shown, rest) : shown, rest, report);
  }
  return { lost, countedTwice, differences: shortened(differences) };
}

function shortened(differences: readonly string[]): readonly string[] {
  if (differences.length <= REPORTED_MAX) return differences;
  return [...differences.slice(0, REPORTED_MAX), `and ${differences.length - REPORTED_MAX} more differences`];
}

function reportDifferences(what: string, actual: object, expected: object, report: (text: string) => void): void {
  const [actualJson, expectedJson] = [JSON.stringify(sorted(actual)), JSON.stringify(sorted(expected))];
  if (actualJson === expectedJson) return;
  const from = Math.max(0, commonPrefix(actualJson, expectedJson) - 60);
  const [actualPart, expectedPart] = [actualJson, expectedJson].map((json) => json.slice(from, from + 160));
  report(`${what}: is …${actualPart}…, should be …${expectedPart}…`);
}

export function commonPrefix(a: string, b: string): number {
  let length = 0;
  while (length < a.length && a[length] === b[length]) length += 1;
  return length;
}

/** The same value with the keys of all objects sorted. */
function sorted(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(sorted);
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(
    Object.entries(value)
      .toSorted(([a], [b]) => (a < b ? -1 : 1))
      .map(([key, inner]) => [key, sorted(inner)]),
  );
}

/** The counts of messages that webhooks only increase. */
function messageCounts({ messagesReceived, messagesSent, reached, actions }: Metrics): readonly number[] {
  const counts = [reached.api, reached.phone, reached.unknown, actions].flatMap((group) => Object.values(group));
  return [messagesReceived, messagesSent, ...counts];
}

async function seriesTotals(system: System, instance: string): Promise<object> {
  const now = nowSeconds();
  const { text } = await system.get(`/metrics/${instance}/series?from=${now - 2 * 86_400}&to=${now + 2 * 86_400}`);
  return seriesAnswer.parse(JSON.parse(text)).series.totals;
}

/** The totals of the series over all origins, calculated from the metrics. */
function reachedTotals({ messagesReceived, messagesSent, reached }: Metrics): object {
  const sums = Object.keys(reached.api).map((status) => {
    const of = (counts: Readonly<Record<string, number>>) => counts[status] ?? 0;
    return [status, of(reached.api) + of(reached.phone) + of(reached.unknown)] as const;
  });
  return { received: messagesReceived, messages: messagesSent, ...Object.fromEntries(sums) };
}

/** Prometheus's counters must not decrease, so they stay higher after a webhook has contradicted an earlier one. */
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
