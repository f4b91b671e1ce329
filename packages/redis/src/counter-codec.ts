import {
  contentTypeOfCode,
  FAILURE_REASONS,
  isAction,
  isFailure,
  LATENCY_STAGES,
  MESSAGE_STATUSES,
  ORIGINS,
  OUTCOMES,
  type Counter,
  type Counts,
  type Direction,
  type HourlyCounter,
} from "@ticktally/core";
import { kindOfFirstByte } from "./chat-codec.ts";
import { HOURS_A_KEY } from "./keys.ts";

/**
 * Counter fields as stored: a letter, then one character (48 + code) for each word.
 * n direction origin · t direction type · c chat's first byte · s status · r origin status · f status reason ·
 * a direction type · x · o outcome · l stage bucket ("+" for the sum). "-" before one: how far it went back.
 */
export function decodeCounts(fields: readonly string[]): { counts: Counts; retracted: Counts } {
  const counts = new Map<Counter, number>();
  const retracted = new Map<Counter, number>();
  for (let i = 0; i + 1 < fields.length; i += 2) {
    const [field = "", value] = [fields[i], Number(fields[i + 1])];
    const isRetracted = field.startsWith("-");
    const counter = counterOf(isRetracted ? field.slice(1) : field);
    const into = isRetracted ? retracted : counts;
    if (counter !== undefined && value !== 0) into.set(counter, (into.get(counter) ?? 0) + value);
  }
  return { counts, retracted };
}

/** @param key the number of an hours key @param fields its hash @param into hour → counts; is added to */
export function decodeHours(
  key: number,
  fields: Readonly<Record<string, string>>,
  into: Map<number, Map<Counter, number>>,
): void {
  for (const [field, value] of Object.entries(fields)) {
    const hour = key * HOURS_A_KEY + code(field, 0);
    const counter = counterOf(field.slice(1));
    if (counter === undefined || Number(value) === 0) continue;
    const counts = into.get(hour) ?? new Map<Counter, number>();
    into.set(hour, counts);
    counts.set(counter, Number(value));
  }
}

const cache = new Map<string, Counter | undefined>();

/** The set of fields is small and closed, so each is spelled out once. */
function counterOf(field: string): Counter | undefined {
  if (!cache.has(field)) cache.set(field, spell(field));
  return cache.get(field);
}

function spell(field: string): Counter | undefined {
  const direction: Direction = field.charAt(1) === "i" ? "incoming" : "outgoing";
  const [first, second] = [code(field, 1), code(field, 2)];
  switch (field.charAt(0)) {
    case "n":
      return `messages/${direction}/${ORIGINS[second] ?? "unknown"}`;
    case "t":
      return `types/${direction}/${contentTypeOfCode(second)}`;
    case "c":
      return `chats/${kindOfFirstByte(field.charAt(1))}`;
    case "a": {
      const type = contentTypeOfCode(second);
      return isAction(type) ? `actions/${direction}/${type}` : undefined;
    }
    case "s":
      return named(MESSAGE_STATUSES[first], (status) => `status/${status}`);
    case "r":
      return reached(first, second);
    case "f":
      return failed(first, second);
    case "x":
      return "contradictions";
    case "o":
      return named(OUTCOMES[first], (outcome) => `outcomes/${outcome}`);
    case "l":
      return named(LATENCY_STAGES[first], (stage) => `latency/${stage}/${field.charAt(2) === "+" ? "sum" : second}`);
    default:
      return undefined;
  }
}

function reached(origin: number, status: number): HourlyCounter | undefined {
  const word = MESSAGE_STATUSES[status];
  if (word === undefined || word === "pending" || word === "yellowCard") return undefined;
  return `reached/${ORIGINS[origin] ?? "unknown"}/${word}`;
}

function failed(status: number, reason: number): HourlyCounter | undefined {
  const word = MESSAGE_STATUSES[status];
  if (word === undefined || !isFailure(word)) return undefined;
  return `failures/${word}/${FAILURE_REASONS[reason] ?? "other"}`;
}

function named<Word>(word: Word | undefined, spelled: (word: Word) => Counter): Counter | undefined {
  return word === undefined ? undefined : spelled(word);
}

function code(field: string, at: number): number {
  return field.charCodeAt(at) - 48;
}
