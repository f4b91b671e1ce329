import {
  DIRECTIONS,
  FAILURES,
  LATENCY_BOUNDS_SECONDS,
  LATENCY_STAGES,
  MESSAGE_STATUSES,
  MESSAGE_TYPES,
  OUTCOMES,
  PRICE_CATEGORIES,
  PRICE_TYPES,
  REACHED_STATUSES,
  REASONS_BY_FAILURE,
  type Counter,
  type InstanceState,
  type LatencyStage,
} from "@ticktally/core";
import { headOf, labelsAfterFirst, labelValue, type RowFamily } from "./exposition.ts";

/** One row: an instance, or all instances beyond the limit together. Growing counters never decrease. */
export interface FleetRow {
  readonly name: string;
  /** A number for each of {@link SHOWN_COUNTERS}. */
  readonly counts: Float64Array;
  readonly state?: InstanceState;
  /** Unix seconds */
  readonly lastWebhookAt?: number;
  readonly failureRatioMax?: number;
}

type FleetFamily = RowFamily<FleetRow>;
type Labels = Readonly<Record<string, string>>;

/** Known origins of outgoing messages. `unknown` is left out until it is known, so counters only grow. */
const KNOWN_ORIGINS = ["api", "phone"] as const;

/** What gateways document. */
const INSTANCE_STATES = ["authorized", "notAuthorized", "blocked", "starting", "yellowCard", "sleepMode", "suspended"];

/** Rows per piece: about 100 KiB of text, built in a millisecond or two. */
const ROWS_AT_ONCE = 50;

/**
 * The counts of the instances, one set of series per row, with zeros for every known label value. Each piece is built on demand: a million
 * series take half a second, and as long again to garbage-collect if they are all kept.
 */
export function* fleetText(rows: readonly FleetRow[]): Generator<string> {
  for (const { head, lines } of FAMILIES) {
    yield head;
    for (let from = 0; from < rows.length; from += ROWS_AT_ONCE) {
      let piece = "";
      for (const row of rows.slice(from, from + ROWS_AT_ONCE)) piece += lines(row);
      yield piece;
    }
  }
}

/** A series of an instance: its labels, and its value. */
type Shown = readonly [labels: Labels, counter: Counter];

const MESSAGES: readonly Shown[] = [
  [{ direction: "incoming", origin: "" }, "messages/incoming/unknown"],
  ...KNOWN_ORIGINS.map((origin): Shown => [{ direction: "outgoing", origin }, `messages/outgoing/${origin}`]),
];
const BY_TYPE = DIRECTIONS.flatMap((direction) =>
  MESSAGE_TYPES.map((type): Shown => [{ direction, type }, `types/${direction}/${type}`]),
);
const REACHED = REACHED_STATUSES.flatMap((status) =>
  KNOWN_ORIGINS.map((origin): Shown => [{ status, origin }, `reached/${origin}/${status}`]),
);
const FAILED = FAILURES.flatMap((status) =>
  REASONS_BY_FAILURE[status].map((reason): Shown => [{ status, reason }, `failures/${status}/${reason}`]),
);
const BY_PRICE_CATEGORY = PRICE_CATEGORIES.map((category): Shown => [{ category }, `prices/category/${category}`]);
const BY_PRICE_TYPE = PRICE_TYPES.map((type): Shown => [{ type }, `prices/type/${type}`]);
const IN_STATUS = MESSAGE_STATUSES.map((status): Shown => [{ status }, `status/${status}`]);
const EVENTS = OUTCOMES.map((outcome): Shown => [{ outcome }, `outcomes/${outcome}`]);
const LATENCIES = LATENCY_STAGES.flatMap((stage): Counter[] => [
  ...[...LATENCY_BOUNDS_SECONDS, "+Inf"].map((_, bucket) => `latency/${stage}/${bucket}` as const),
  `latency/${stage}/sum`,
]);

/** The counters that Prometheus sees as ever-growing. */
const GROWING = [
  ...[MESSAGES, BY_TYPE, REACHED, FAILED, BY_PRICE_CATEGORY, BY_PRICE_TYPE, EVENTS]
    .flat()
    .map(([, counter]) => counter),
  ...LATENCIES,
];
const NO_TYPE: readonly Counter[] = DIRECTIONS.map((direction) => `types/${direction}/unknown` as const);
const NO_ORIGIN: Counter = "messages/outgoing/unknown";

/** All counters behind the series; the growing ones first. */
export const SHOWN_COUNTERS: readonly Counter[] = [
  ...new Set([...GROWING, ...IN_STATUS.map(([, counter]) => counter), ...NO_TYPE, NO_ORIGIN]),
];
export const SHOWN_GROWING = new Set(GROWING).size;
const PLACES: ReadonlyMap<Counter, number> = new Map(SHOWN_COUNTERS.map((counter, place) => [counter, place]));

const messages = countsFamily("ticktally_messages_total", "counter", "Messages by direction and sender.", MESSAGES);

const byType = countsFamily("ticktally_messages_by_type_total", "counter", "Messages by direction and type.", BY_TYPE);

const reached = countsFamily(
  "ticktally_message_status_reached_total",
  "counter",
  "Outgoing messages that ever reached a status, skipped ones included.",
  REACHED,
);

const failures = countsFamily(
  "ticktally_message_failures_total",
  "counter",
  "Outgoing messages that failed, by reason.",
  FAILED,
);

const byPriceCategory = countsFamily(
  "ticktally_messages_by_price_category_total",
  "counter",
  "Outgoing messages by the gateway's price category, if reported.",
  BY_PRICE_CATEGORY,
);

const byPriceType = countsFamily(
  "ticktally_messages_by_price_type_total",
  "counter",
  "Outgoing messages by the gateway's type of price, if reported.",
  BY_PRICE_TYPE,
);

const inStatus = countsFamily(
  "ticktally_messages_in_status",
  "gauge",
  "Outgoing messages by current status.",
  IN_STATUS,
);

const events = countsFamily(
  "ticktally_status_events_total",
  "counter",
  "Status webhooks by what they did to their message; retries count again.",
  EVENTS,
);

const state = family(
  "ticktally_instance_state",
  "gauge",
  "1 for the state that the gateway last reported, else 0.",
  (name) => {
    const known = INSTANCE_STATES.map((word) => [word, seriesOf(name, { state: word })] as const);
    return ({ name: instance, state }) => {
      const escaped = labelValue(instance);
      let text = "";
      for (const [word, line] of known) text += line(escaped, word === state?.state ? 1 : 0);
      if (state === undefined || INSTANCE_STATES.includes(state.state)) return text;
      return text + seriesOf(name, { state: A_WORD.test(state.state) ? state.state : "other" })(escaped, 1);
    };
  },
);

/** A new state of the gateway is exported as it is, but arbitrary text does not become a label. */
const A_WORD = /^[A-Z]\w{0,31}$/i;

const lastWebhook = valueFamily(
  "ticktally_instance_last_webhook_timestamp_seconds",
  "Receipt of the instance's latest webhook.",
  (row) => row.lastWebhookAt,
);

const failureRatioMax = valueFamily(
  "ticktally_instance_failure_ratio_max",
  "Share of failures above which an alert fires, if the instance has its own setting.",
  (row) => row.failureRatioMax,
);

const unattributed = family(
  "ticktally_messages_unattributed",
  "gauge",
  "Messages whose type or origin no webhook has reported yet; the counters leave them out.",
  (name) => {
    const [type, origin] = [seriesOf(name, { kind: "type" }), seriesOf(name, { kind: "origin" })];
    const [ofTypes, ofOrigin] = [NO_TYPE.map(countOf), countOf(NO_ORIGIN)];
    return ({ name: instance, counts }) => {
      const escaped = labelValue(instance);
      const types = ofTypes.reduce((sum, of) => sum + of(counts), 0);
      return type(escaped, types) + origin(escaped, ofOrigin(counts));
    };
  },
);

const latency = family(
  "ticktally_message_latency_seconds",
  "histogram",
  "Time between two statuses of a message, or from an event to its webhook; 1 s resolution.",
  (name) => {
    const histograms = LATENCY_STAGES.map((stage) => histogramOf(name, stage));
    return (row) => {
      const escaped = labelValue(row.name);
      return histograms.map((histogram) => histogram(escaped, row.counts)).join("");
    };
  },
);

const FAMILIES: readonly FleetFamily[] = [
  messages,
  byType,
  reached,
  failures,
  byPriceCategory,
  byPriceType,
  inStatus,
  events,
  latency,
  state,
  lastWebhook,
  failureRatioMax,
  unattributed,
];

function histogramOf(name: string, stage: LatencyStage) {
  const buckets = [...LATENCY_BOUNDS_SECONDS, "+Inf"].map((bound, bucket) => ({
    line: seriesOf(`${name}_bucket`, { stage, le: String(bound) }),
    of: countOf(`latency/${stage}/${bucket}`),
  }));
  const [sum, total] = [seriesOf(`${name}_sum`, { stage }), seriesOf(`${name}_count`, { stage })];
  const ofSum = countOf(`latency/${stage}/sum`);
  return (instance: string, counts: Float64Array): string => {
    let [text, cumulative] = ["", 0];
    for (const { line, of } of buckets) {
      cumulative += of(counts);
      text += line(instance, cumulative);
    }
    return text + sum(instance, ofSum(counts)) + total(instance, cumulative);
  };
}

/** A family in which each series shows one counter. */
function countsFamily(name: string, type: "counter" | "gauge", help: string, shown: readonly Shown[]): FleetFamily {
  const series = shown.map(([labels, counter]) => ({ line: seriesOf(name, labels), of: countOf(counter) }));
  return family(name, type, help, () => ({ name: instance, counts }) => {
    const escaped = labelValue(instance);
    let text = "";
    for (const { line, of } of series) text += line(escaped, of(counts));
    return text;
  });
}

/** An optional gauge of a row. */
function valueFamily(name: string, help: string, valueOf: (row: FleetRow) => number | undefined): FleetFamily {
  return family(name, "gauge", help, () => {
    const line = seriesOf(name, {});
    return (row) => {
      const value = valueOf(row);
      return value === undefined ? "" : line(labelValue(row.name), value);
    };
  });
}

function family(
  name: string,
  type: "counter" | "gauge" | "histogram",
  help: string,
  linesOf: (name: string) => FleetFamily["lines"],
): FleetFamily {
  return { head: headOf(name, type, help), lines: linesOf(name) };
}

/** @returns a function that reads a counter from a row's counts; its index is looked up once, not for each of a million series */
function countOf(counter: Counter): (counts: Float64Array) => number {
  const place = PLACES.get(counter) ?? NaN;
  return (counts) => counts[place] ?? 0;
}

/** @returns a function that builds the line of a series from an instance's escaped name and a value */
function seriesOf(name: string, labels: Labels): (instance: string, value: number) => string {
  const [before, after] = [`${name}{wa_instance="`, `"${labelsAfterFirst(labels)}`];
  return (instance, value) => `${before}${instance}${after}${String(value)}\n`;
}
