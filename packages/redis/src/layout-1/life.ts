/**
 * How version 0.1 stored an instance (layout 1): an "epoch" was called a life, and records were kept in generations, spans of half the
 * retention computed from the setting. Used only to convert old data: nothing writes this layout any more.
 */

const DAY_MS = 86_400_000;
const [HOURS_A_KEY, DAYS_A_KEY] = [8, 64];
/** Servers of packed chats × whether they are digits. */
const CHAT_FIRST_BYTES = Array.from({ length: 14 }, (_, i) => String.fromCharCode(48 + i));
const NO_TIME = 0xffffffff;
const HEAD_BYTES = 34;

/** Identifies all keys of one life. */
export interface Life {
  /** The prefix of its keys: "" or a number and ":". */
  readonly life: string;
  readonly generation: number;
  /** Of that generation and the two before it. */
  readonly buckets: readonly number[];
  /** Unix seconds; `first` is {@link NO_TIME} where there is none. */
  readonly first: number;
  readonly last: number;
  readonly lastReceipt: number;
}

/** @param head as META has it @returns `undefined` if this is not layout 1 */
export function lifeOf(head: Buffer | undefined, life = ""): Life | undefined {
  if (head?.length !== HEAD_BYTES) return undefined;
  const [b0, b1, b2, first, last, lastReceipt] = [6, 14, 18, 22, 26, 30].map((at) => head.readUInt32BE(at));
  return {
    life,
    generation: head.readUIntBE(0, 6),
    buckets: [b0 ?? 0, b1 ?? 0, b2 ?? 0],
    first: first ?? NO_TIME,
    last: last ?? 0,
    lastReceipt: lastReceipt ?? 0,
  };
}

/** @param entry of FORGOTTEN, or of IMPORTING */
export function forgottenLife(entry: string): Life {
  const [life = "-", ...numbers] = entry.split(" ");
  const [generation = 0, b0 = 0, b1 = 0, b2 = 0, first = 0] = numbers.map(Number);
  return { life: life === "-" ? "" : life, generation, buckets: [b0, b1, b2], first, last: 0, lastReceipt: 0 };
}

/** An entry of FORGOTTEN followed by the length of its generations: for an instance that was converted and still has old keys. */
export function leftLife({ life, generation, buckets, first }: Life, generationMs: number): string {
  return [life === "" ? "-" : life, generation, ...buckets, first, generationMs].join(" ");
}

/** @param entry as {@link leftLife} makes it */
export function generationMsOf(entry: string): number {
  return Number(entry.split(" ").at(-1));
}

/** The length of a generation, from the setting. */
export function generationMsBy(retentionDays: number): number {
  return (retentionDays * DAY_MS) / 2;
}

/** Every key that a life can have, except META and COUNTS, without the instance's prefix and the life. @param generationMs its length */
export function* keysOfLife({ generation, buckets, first }: Life, generationMs: number): Iterable<string> {
  for (const byte of CHAT_FIRST_BYTES) yield* [`chats:${byte}`, `chats:${byte}~`];
  for (let age = 2; age >= 0; age--) {
    const g = String(generation - age);
    // These two first: they complete the records.
    yield* [`descriptions:${g}`, `recipients:${g}`];
    for (let bucket = 0; bucket < (buckets[age] ?? 0); bucket++) yield `messages:${g}:${String(bucket)}`;
    const [from, to] = [(generation - age) * generationMs, (generation - age + 1) * generationMs];
    for (let day = Math.floor(from / DAY_MS) - 1; day <= Math.floor(to / DAY_MS) + 1; day++)
      yield `heard:${g}:${String(day)}`;
  }
  // Events may be dated up to a day after the last generation.
  const lastHour = Math.floor(((generation + 1) * generationMs + 2 * DAY_MS) / 3_600_000);
  const firstHour = first === NO_TIME ? lastHour + HOURS_A_KEY : Math.floor(first / 3600);
  for (let key = Math.floor(firstHour / HOURS_A_KEY); key <= lastHour / HOURS_A_KEY; key++)
    yield `hours:${String(key)}`;
  for (let key = Math.floor(firstHour / 24 / DAYS_A_KEY); key <= lastHour / 24 / DAYS_A_KEY; key++)
    yield `days:${String(key)}`;
  yield "failed";
}
