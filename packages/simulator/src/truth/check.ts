import { z } from "zod";
import type { RestClient } from "../rest-client.ts";
import type { SimulatedInstance, Traffic } from "../traffic/traffic.ts";
import { differences } from "./differences.ts";
import {
  expectedFailures,
  expectedLatency,
  expectedMessage,
  expectedMetrics,
  expectedSeries,
  knownMessages,
  tallyOf,
  type Sent,
} from "./expected.ts";
import type { Tally } from "./tally.ts";

export interface CheckOptions {
  readonly rest: Pick<RestClient, "get">;
  readonly traffic: Traffic;
  /** Prefix of the instances' names. */
  readonly prefix: string;
  readonly sent: Sent;
  /** Whether labels were set. */
  readonly withLabels: boolean;
  /** Pages of a thousand messages to compare per instance. */
  readonly messagePagesMax: number;
}

export interface CheckResult {
  /** One line for each wrong number. */
  readonly differences: readonly string[];
  readonly messagesCompared: number;
}

/** Unique chats are exact up to a thousand and estimated beyond; this is three times the estimate's standard error. */
const UNIQUE_EXACT_MAX = 1_000;
const UNIQUE_ERROR_MAX = 0.03;

/** Compare everything REST says about a simulation's instances with what was sent. */
export async function checkAnswers(options: CheckOptions): Promise<CheckResult> {
  const found: string[] = [];
  let messagesCompared = 0;
  const tallies: Tally[] = [];
  for (const instance of options.traffic.instances) {
    const tally = tallyOf(options.traffic, instance, options.sent);
    tallies.push(tally);
    found.push(...(await countDifferences(options, instance, tally)));
    const messages = await messageDifferences(options, instance);
    found.push(...messages.differences);
    messagesCompared += messages.compared;
  }
  found.push(...(await sumDifferences(options, tallies)));
  return { differences: found, messagesCompared };
}

async function countDifferences(
  { rest, traffic, prefix, sent, withLabels }: CheckOptions,
  instance: SimulatedInstance,
  tally: Tally,
): Promise<readonly string[]> {
  const name = prefix + instance.name;
  const { metrics } = metricsAnswer.parse(await rest.get(`/metrics/${name}`));
  const expected = withEstimates(expectedMetrics(tally, Date.parse(metrics.asOf) / 1000), metrics);
  const found = [...differences(`${name} metrics`, expected, metrics)];
  const from = new Date(Math.floor(sent.fromMs / DAY_MS) * DAY_MS).toISOString();
  const to = new Date(sent.toMs + HOUR_MS).toISOString();
  for (const [step, hours] of [
    ["hour", 1],
    ["day", 24],
  ] as const) {
    const { series } = seriesAnswer.parse(await rest.get(`/metrics/${name}/series?step=${step}&from=${from}&to=${to}`));
    const expectedPoints = expectedSeries(tally, hours);
    const points = new Map(series.points.map((point) => [point.at, point]));
    for (const at of new Set([...Object.keys(expectedPoints), ...points.keys()]))
      found.push(...differences(`${name} series by ${step} ${at}`, expectedPoints[at] ?? {}, points.get(at) ?? {}));
  }
  const { failures } = failuresAnswer.parse(await rest.get(`/metrics/${name}/failures`));
  const byReason = Object.fromEntries(
    failures.byReason.map(({ status, reason, count }) => [`${status}/${reason}`, count]),
  );
  const { total, byStatus } = failures;
  found.push(...differences(`${name} failures`, expectedFailures(tally), { total, byStatus, byReason }));
  const { latency } = latencyAnswer.parse(await rest.get(`/metrics/${name}/latency`));
  found.push(...differences(`${name} latency`, expectedLatency(tally), latency.stages));
  const known = instanceAnswer.parse(await rest.get(`/instances/${name}`)).instance;
  const state = instance.shape.stateWebhook === undefined ? null : traffic.state(instance, sent);
  found.push(...differences(`${name} state`, state, known.state));
  if (withLabels) {
    const { labels } = labelsAnswer.parse(await rest.get(`/labels?instance=${name}`));
    const actual = Object.fromEntries(labels.map(({ label, messages }) => [label, messages]));
    found.push(...differences(`${name} labels`, tally.labels.under(""), actual));
  }
  return found;
}

/** Counts of several instances together. */
async function sumDifferences(
  { rest, traffic, prefix }: CheckOptions,
  tallies: readonly Tally[],
): Promise<readonly string[]> {
  const names = traffic.instances.map(({ name }) => prefix + name).join(",");
  const { metrics } = metricsAnswer.parse(await rest.get(`/metrics/${names}`));
  const sum = (of: (tally: Tally) => number) => tallies.reduce((total, tally) => total + of(tally), 0);
  const contacts = new Set(tallies.flatMap(({ chats }) => [...chats.individual])).size;
  const groups = new Set(tallies.flatMap(({ chats }) => [...chats.group])).size;
  const unique = { uniqueChats: contacts + groups, uniqueContacts: contacts, uniqueGroups: groups };
  return [
    ...differences(
      "all totalMessages",
      sum(({ counts }) => counts.of("messages")),
      metrics["totalMessages"],
    ),
    ...differences("all union", withEstimates(unique, metrics.union ?? {}), metrics.union ?? {}),
  ];
}

async function messageDifferences(
  options: CheckOptions,
  instance: SimulatedInstance,
): Promise<{ readonly differences: readonly string[]; readonly compared: number }> {
  const { rest, traffic, prefix, sent, messagePagesMax } = options;
  const name = prefix + instance.name;
  const shown = new Map<string, z.infer<typeof message>>();
  let cursor: string | null = null;
  let pages = 0;
  do {
    const page: z.infer<typeof messagesAnswer> = messagesAnswer.parse(
      await rest.get(`/messages/${name}?limit=1000${cursor === null ? "" : `&cursor=${encodeURIComponent(cursor)}`}`),
    );
    for (const one of page.messages) shown.set(`${one.direction} ${one.idMessage}`, one);
    cursor = page.nextCursor;
    pages += 1;
  } while (cursor !== null && pages < messagePagesMax);
  const isAll = cursor === null;
  const found: string[] = [];
  let compared = 0;
  for (const { message: expected, known } of knownMessages(traffic, instance, sent)) {
    const key = `${expected.direction} ${expected.id}`;
    const actual = shown.get(key);
    if (actual === undefined) {
      // An action is not a message, and may or may not be listed.
      if (isAll && !expected.isAction) found.push(`${name} messages: ${key} is missing`);
      continue;
    }
    shown.delete(key);
    compared += 1;
    const timeline = Object.fromEntries(actual.timeline.map(({ status, at }) => [status, at]));
    found.push(...differences(`${name} message ${key}`, expectedMessage(expected, known), { ...actual, timeline }));
  }
  found.push(...[...shown.keys()].map((key) => `${name} messages: ${key} was never sent`));
  return { differences: found, compared };
}

/** Estimates within their expected error count as right. */
function withEstimates(expected: object, actual: Readonly<Record<string, unknown>>): object {
  const entries = Object.entries(expected).map(([key, value]: [string, unknown]) => {
    const estimate = actual[key];
    if (!key.startsWith("unique") || typeof value !== "number" || typeof estimate !== "number") return [key, value];
    const isNear = value > UNIQUE_EXACT_MAX && Math.abs(estimate - value) <= UNIQUE_ERROR_MAX * value;
    return [key, isNear ? estimate : value];
  });
  return Object.fromEntries(entries) as object;
}

const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;

const metricsAnswer = z.object({
  metrics: z.looseObject({ asOf: z.string(), union: z.record(z.string(), z.unknown()).optional() }),
});
const seriesAnswer = z.object({
  series: z.object({ points: z.array(z.looseObject({ at: z.string().transform(asUtc) })) }),
});
const failuresAnswer = z.object({
  failures: z.object({
    total: z.number(),
    byStatus: z.record(z.string(), z.number()),
    byReason: z.array(z.object({ status: z.string(), reason: z.string(), count: z.number() })),
  }),
});
const stage = z.object({ count: z.number(), mean: z.number().nullable() });
const latencyAnswer = z.object({
  latency: z.object({
    stages: z.object({
      sentToDelivered: stage,
      deliveredToRead: stage,
      eventToReceipt: stage.omit({ mean: true }),
    }),
  }),
});
const instanceAnswer = z.object({ instance: z.object({ state: z.string().nullable() }) });
const labelsAnswer = z.object({ labels: z.array(z.object({ label: z.string(), messages: z.number() })) });
const message = z.looseObject({
  idMessage: z.string(),
  direction: z.string(),
  timeline: z.array(z.object({ status: z.string(), at: z.string() })),
});
const messagesAnswer = z.object({ messages: z.array(message), nextCursor: z.string().nullable() });

function asUtc(text: string): string {
  return new Date(text).toISOString();
}
