import type { InstanceId, Transition } from "@ticktally/core";
import type { Outbox, OutboxEntry } from "./outbox.ts";
import { comparePositions, positionAt, type OutboxPosition } from "./outbox-position.ts";

/** Outboxes per call, and entries of each: a reply has at most 4 MB. */
const INSTANCES_A_CALL = 250;
const ENTRIES_A_CALL = 4;
/** Bytes of entries that are held at most, unless a reader is given a lower limit. */
const BYTES_MAX = 8 * 1024 * 1024;

/** A counted change, in the order of {@link OutboxPosition}. */
export interface OutboxEvent {
  readonly position: OutboxPosition;
  readonly instance: InstanceId;
  /** `undefined` if no status changed. */
  readonly transition: Transition | undefined;
}

type ReadOutbox = Pick<Outbox, "now" | "read" | "trimmed">;

/** Reads the outboxes of many instances as one list, each event once, in one order for all readers. One call of {@link next} at a time. */
export class OutboxReader {
  readonly #outbox: ReadOutbox;
  readonly #bytesMax: number;
  readonly #cursors = new Map<InstanceId, string>();
  #position: OutboxPosition;

  constructor(outbox: ReadOutbox, from: OutboxPosition, bytesMax = BYTES_MAX) {
    this.#outbox = outbox;
    this.#position = from;
    this.#bytesMax = bytesMax;
  }

  /** Everything up to it is read. */
  get position(): OutboxPosition {
    return this.#position;
  }

  /** Start to read a new instance from an earlier moment. @param ms Unix ms */
  begin(instance: InstanceId, ms: number): void {
    if (!this.#cursors.has(instance)) this.#cursors.set(instance, String(Math.max(0, ms - 1)));
  }

  /**
   * Read on.
   * @returns whether there is more to read at once, and which instances had entries trimmed before they were read
   * @throws {StoreUnavailableError} nothing is skipped: call again
   */
  async next(
    instances: Iterable<InstanceId>,
  ): Promise<{ events: readonly OutboxEvent[]; isMore: boolean; trimmed: readonly InstanceId[] }> {
    // More may be added in this millisecond to an outbox that was already read, so entries of this millisecond are not taken yet.
    const now = positionAt(await this.#outbox.now());
    // For a new instance: include the whole millisecond that was reached, because other outboxes may have entries of it left.
    const first = String(Math.max(0, this.#position.ms - 1));
    let end = now;
    let found: OutboxEntry[] = [];
    const trimmed: InstanceId[] = [];
    for (const some of slices(instances, INSTANCES_A_CALL)) {
      const cursors = some.map((instance) => ({ instance, after: this.#cursors.get(instance) ?? first }));
      const entries = await this.#outbox.read(cursors, ENTRIES_A_CALL);
      const full = fullIn(entries);
      // If many entries follow, earlier ones may have been trimmed.
      trimmed.push(...(await this.#outbox.trimmed(cursors.filter(({ instance }) => full.has(instance)))));
      for (const last of full.values()) end = earlier(end, behind(last));
      found = before(end, found.concat(entries));
      for (let held = -1; bytesOf(found) > this.#bytesMax && found.length !== held;) {
        held = found.length;
        found.sort(inOrder);
        end = earlier(end, behind(found[Math.floor((held - 1) / 2)]));
        found = before(end, found);
      }
    }
    found.sort(inOrder);
    const events = this.#taken(found);
    const last = events.at(-1)?.position;
    for (const position of [last, end])
      if (position !== undefined && comparePositions(position, this.#position) > 0) this.#position = position;
    return { events, isMore: end !== now, trimmed };
  }

  /** Entries that were not taken before. Late ones, from a clock that was set back or from a new instance, come first. */
  #taken(entries: readonly OutboxEntry[]): readonly OutboxEvent[] {
    const late: OutboxEvent[] = [];
    const due: OutboxEvent[] = [];
    for (const event of entries.flatMap(eventsOf)) {
      if (comparePositions(event.position, this.#position) > 0) due.push(event);
      else if (this.#cursors.has(event.instance)) late.push(event);
    }
    for (const { instance, ms, sequence } of entries) this.#cursors.set(instance, `${String(ms)}-${String(sequence)}`);
    const { index } = this.#position;
    const placed = late.map((event, i) => ({ ...event, position: { ...this.#position, index: index + 1 + i } }));
    return [...placed, ...due];
  }
}

/** An instance that returned the maximum number of entries may have more, so everything after its last entry waits for the next call. */
function fullIn(entries: readonly OutboxEntry[]): ReadonlyMap<InstanceId, OutboxEntry> {
  const ofInstance = new Map<InstanceId, number>();
  const full = new Map<InstanceId, OutboxEntry>();
  for (const entry of entries) {
    const count = (ofInstance.get(entry.instance) ?? 0) + 1;
    ofInstance.set(entry.instance, count);
    if (count === ENTRIES_A_CALL) full.set(entry.instance, entry);
  }
  return full;
}

/** Just after an entry and all others with its id. */
function behind(entry: OutboxEntry | undefined): OutboxPosition | undefined {
  return entry && { ms: entry.ms, sequence: entry.sequence + 1, instance: "", index: 0 };
}

function before(end: OutboxPosition, entries: OutboxEntry[]): OutboxEntry[] {
  return entries.filter(
    ({ ms, sequence, instance }) => comparePositions({ ms, sequence, instance, index: 0 }, end) < 0,
  );
}

function earlier(a: OutboxPosition, b: OutboxPosition | undefined): OutboxPosition {
  return b !== undefined && comparePositions(b, a) < 0 ? b : a;
}

function inOrder(a: OutboxEntry, b: OutboxEntry): number {
  return a.ms - b.ms || a.sequence - b.sequence || (a.instance < b.instance ? -1 : 1);
}

function bytesOf(entries: readonly OutboxEntry[]): number {
  return entries.reduce((sum, { bytes }) => sum + bytes, 0);
}

function eventsOf({ ms, sequence, instance, transitions }: OutboxEntry): readonly OutboxEvent[] {
  const all = transitions.length === 0 ? [undefined] : transitions;
  return all.map((transition, index) => ({ position: { ms, sequence, instance, index }, instance, transition }));
}

function* slices<Item>(items: Iterable<Item>, size: number): Iterable<readonly Item[]> {
  let slice: Item[] = [];
  for (const item of items) {
    if (slice.push(item) < size) continue;
    yield slice;
    slice = [];
  }
  if (slice.length > 0) yield slice;
}
