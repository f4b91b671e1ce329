import {
  CHAT_KINDS,
  chatKindHourSlot,
  chatKindSentSlot,
  contentTypeCode,
  DIRECTIONS,
  FAILURE_REASONS,
  FAILURES,
  failureSlot,
  labelMessagesSlot,
  labelReachedSlot,
  MESSAGE_TYPES,
  messagesSlot,
  ORIGINS,
  REACHED_STATUSES,
  reachedSlot,
  shiftedInSlot,
  shiftedOutSlot,
  sourceOfSlot,
  statusCode,
  TIMED_SLOTS_MAX,
  typeHourSlot,
  typeSentSlot,
  type CountSource,
} from "@ticktally/core";
import { SERIES_COLUMNS, type Dimension, type GroupKey } from "@ticktally/schemas";
import type { AskedDimensions } from "./dimensions.ts";

type Column = (typeof SERIES_COLUMNS)[number];

/** One slot's counts, and the dimensions of its messages. */
interface Fact {
  readonly slot: number;
  readonly column: Column;
  readonly is: Readonly<Partial<Record<Dimension, string | null>>>;
}

/** Where each slot's counts are added. */
export interface SlotTargets {
  /** The key of each group without instance and label, by index. */
  readonly keys: readonly GroupKey[];
  /** By slot: group × columns + column; -1 for none. */
  readonly places: Int32Array;
  /** By slot: 1, or -1 for what is subtracted. */
  readonly signs: Int8Array;
}

/** Where the counts of each label's slots are added. */
export interface LabelTargets extends SlotTargets {
  /** The only requested label. */
  readonly label: string | undefined;
}

export interface Targets extends SlotTargets {
  /** The sources to read. */
  readonly sources: readonly CountSource[];
  /** Set if labels are requested; the other targets then count messages without one. */
  readonly labels: LabelTargets | undefined;
  /** Whether all columns are counted, so that rates are meaningful. */
  readonly hasRates: boolean;
}

type Cohort = "event" | "message";

/** Grouping and filters decide which counts answer a query. */
export function targetsOf(asked: AskedDimensions, cohort: Cohort): Targets {
  const dimensions = new Set<string>([...asked.groupBy, ...Object.keys(asked.filters)]);
  const facts = factsOf(dimensions);
  const hasRates = !["status", "reason", "type", "chatKind"].some((dimension) => dimensions.has(dimension));
  const targets = slotTargets(facts, asked, cohort);
  if (!dimensions.has("label")) return { ...targets, labels: undefined, hasRates };
  const { label, ...filters } = asked.filters;
  const groupBy = asked.groupBy.filter((dimension) => dimension !== "label");
  const ofLabels = facts.filter(({ slot }) => LABEL_SLOTS.has(slot));
  return { ...targets, labels: { ...slotTargets(ofLabels, { groupBy, filters }, cohort), label }, hasRates };
}

function slotTargets(facts: readonly Fact[], { groupBy, filters }: AskedDimensions, cohort: Cohort) {
  const places = new Int32Array(TIMED_SLOTS_MAX).fill(-1);
  const signs = new Int8Array(TIMED_SLOTS_MAX).fill(1);
  const sources = new Set<CountSource>();
  const groups = new Map<string, { readonly key: GroupKey; readonly place: number }>();
  const put = (slot: number, place: number, sign: number) => {
    places[slot] = place;
    signs[slot] = sign;
    const source = sourceOfSlot(slot);
    if (source !== undefined) sources.add(source);
  };
  for (const { slot, column, is } of facts) {
    const isWanted = Object.entries(filters).every(
      ([dimension, value]) => is[dimension as Dimension] === value || (dimension === "origin" && column === "received"),
    );
    if (!isWanted) continue;
    const values = groupBy
      .filter((dimension) => dimension !== "instance")
      .map((dimension) => [dimension, is[dimension] ?? null] as const);
    const name = JSON.stringify(values);
    const group = groups.get(name) ?? { key: Object.fromEntries(values), place: groups.size };
    groups.set(name, group);
    const place = group.place * SERIES_COLUMNS.length + SERIES_COLUMNS.indexOf(column);
    put(slot, place, 1);
    if (cohort === "event" || column === "received" || column === "messages") continue;
    put(shiftedInSlot(slot), place, 1);
    put(shiftedOutSlot(slot), place, -1);
  }
  return { sources: [...sources], keys: [...groups.values()].map(({ key }) => key), places, signs };
}

function factsOf(dimensions: ReadonlySet<string>): readonly Fact[] {
  if (dimensions.has("reason")) return FAILURE_FACTS;
  if (dimensions.has("type")) return TYPE_FACTS;
  return dimensions.has("chatKind") ? CHAT_KIND_FACTS : STATUS_FACTS;
}

const OUTGOING = DIRECTIONS.indexOf("outgoing");

function messagesFacts(slotOf: (direction: number) => number, is: Fact["is"]): readonly Fact[] {
  return DIRECTIONS.map((direction, code) => ({
    slot: slotOf(code),
    column: code === OUTGOING ? "messages" : "received",
    is: { ...is, direction },
  }));
}

/** Incoming messages have no origin, and the column `messages` has no status. */
const STATUS_FACTS: readonly Fact[] = ORIGINS.flatMap((origin, code) => [
  ...messagesFacts((direction) => messagesSlot(direction, code), { status: null }).map((fact) => ({
    ...fact,
    is: { ...fact.is, origin: fact.column === "received" ? null : origin },
  })),
  ...REACHED_STATUSES.map((status) => ({
    slot: reachedSlot(code, statusCode(status)),
    column: status,
    is: { direction: "outgoing", origin, status },
  })),
]);

const FAILURE_FACTS: readonly Fact[] = FAILURES.flatMap((status) =>
  FAILURE_REASONS.map((reason, code) => ({
    slot: failureSlot(statusCode(status), code),
    column: status,
    is: { direction: "outgoing", status, reason },
  })),
);

const TYPE_FACTS: readonly Fact[] = ([...MESSAGE_TYPES, "unknown"] as const).flatMap((type) => {
  const code = contentTypeCode(type);
  return [
    ...messagesFacts((direction) => typeHourSlot(direction, code), { type }),
    { slot: typeSentSlot(code), column: "sent" as const, is: { direction: "outgoing", type } },
  ];
});

const CHAT_KIND_FACTS: readonly Fact[] = ["unknown", ...CHAT_KINDS].flatMap((chatKind, place) => [
  ...messagesFacts((direction) => chatKindHourSlot(direction, place - 1), { chatKind }),
  { slot: chatKindSentSlot(place - 1), column: "sent" as const, is: { direction: "outgoing", chatKind } },
]);

/** The slots that labels also count, without distinguishing origins. */
const LABEL_SLOTS: ReadonlySet<number> = new Set([
  labelMessagesSlot(),
  ...REACHED_STATUSES.map((status) => labelReachedSlot(statusCode(status))),
  ...FAILURE_FACTS.map(({ slot }) => slot),
]);
