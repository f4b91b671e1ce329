import { CHAT_FIRST_BYTES } from "./chat-codec.ts";
import { DAYS_A_KEY, HOURS_A_KEY, INSTANCE_KEYS } from "./keys.ts";

const DAY_MS = 86_400_000;

/** What tells all keys that one life of an instance can have, see `lua/forget-instance.lua`. */
export interface InstanceLife {
  /** What its keys carry: "" or a number and ":". */
  readonly life: string;
  readonly generation: number;
  /** Of that generation and of the two before. */
  readonly buckets: readonly [number, number, number];
  /** First event time, Unix seconds. */
  readonly first: number;
}

/** As an entry of FORGOTTEN: one line of text. */
export function lifeText({ life, generation, buckets, first }: InstanceLife): string {
  return [life === "" ? "-" : life, generation, ...buckets, first].join(" ");
}

/** @param entry as {@link lifeText} makes it */
export function lifeOf(entry: string): InstanceLife {
  const [life = "-", ...numbers] = entry.split(" ");
  const [generation = 0, b0 = 0, b1 = 0, b2 = 0, first = 0] = numbers.map(Number);
  return { life: life === "-" ? "" : life, generation, buckets: [b0, b1, b2], first };
}

/** Every key that a life can have, but META and COUNTS, without the instance's prefix and the life. */
export function* keysOfLife(
  { generation, buckets, first }: Omit<InstanceLife, "life">,
  generationMs: number,
): Iterable<string> {
  yield INSTANCE_KEYS.FAILED;
  for (const byte of CHAT_FIRST_BYTES) yield* [INSTANCE_KEYS.CHATS + byte, `${INSTANCE_KEYS.CHATS + byte}~`];
  for (let age = 0; age <= 2; age++) {
    const g = String(generation - age);
    for (const kind of [INSTANCE_KEYS.DESCRIPTIONS, INSTANCE_KEYS.RECIPIENTS]) yield kind + g;
    for (let bucket = 0; bucket < (buckets[age] ?? 0); bucket++)
      yield `${INSTANCE_KEYS.MESSAGES + g}:${String(bucket)}`;
    const [from, to] = [(generation - age) * generationMs, (generation - age + 1) * generationMs];
    for (let day = Math.floor(from / DAY_MS) - 1; day <= Math.floor(to / DAY_MS) + 1; day++) {
      yield `${INSTANCE_KEYS.HEARD + g}:${String(day)}`;
    }
  }
  // Events may be dated a day ahead of the last generation.
  const lastHour = Math.floor(((generation + 1) * generationMs + 2 * DAY_MS) / 3_600_000);
  const firstHour = Math.floor(first / 3600);
  for (let key = Math.floor(firstHour / HOURS_A_KEY); key <= lastHour / HOURS_A_KEY; key++)
    yield INSTANCE_KEYS.HOURS + String(key);
  for (let key = Math.floor(firstHour / 24 / DAYS_A_KEY); key <= lastHour / 24 / DAYS_A_KEY; key++) {
    yield INSTANCE_KEYS.DAYS + String(key);
  }
}
