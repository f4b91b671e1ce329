import type { ServerResponse } from "node:http";
import type { InstanceId } from "@ticktally/core";
import { comparePositions, type OutboxPosition } from "@ticktally/redis";
import { commentText, eventText, type NamedEvent } from "./event-text.ts";

const MESSAGES_A_SECOND = 50;
const SECOND_MS = 1_000;
const COMMENT_EVERY_MS = 15_000;
const NAMES_MAX = 500;
/** A reader with this many unread bytes is too slow: events are skipped for it meanwhile. */
const UNREAD_BYTES_MAX = 256 * 1024;
/** A reader that reads nothing for this long is disconnected. */
const STALLED_MS_MAX = 30_000;

/** The connection that a stream writes to. */
export type EventSink = Pick<ServerResponse, "write" | "end" | "destroy" | "writableLength">;

interface EventStreamOptions {
  readonly sink: EventSink;
  /** Names of the stream's instances, by id; `undefined` for all. */
  readonly chosen: ReadonlyMap<InstanceId, string> | undefined;
  /** The start position: nothing up to it is sent. */
  readonly position: OutboxPosition;
  /** The events that the reader asked for are no longer available. */
  readonly isMissed: boolean;
  /** Unix ms */
  readonly now: number;
}

/** The events of one reader. It buffers only names and numbers: messages that the reader cannot take at once are counted as skipped. */
export class EventStream {
  readonly chosen: ReadonlyMap<InstanceId, string> | undefined;
  readonly #sink: EventSink;
  #position: OutboxPosition;
  #isMissed: boolean;
  readonly #changed = new Set<string>();
  #isMore = false;
  #skipped = 0;
  /** When messages were written within the last second, and how many. */
  #written: { readonly at: number; readonly count: number }[] = [];
  #countsAt = -Infinity;
  #commentAt: number;
  #stalledSince: number | undefined;

  constructor({ sink, chosen, position, isMissed, now }: EventStreamOptions) {
    this.#sink = sink;
    this.chosen = chosen;
    this.#position = position;
    this.#isMissed = isMissed;
    this.#commentAt = now;
    sink.write(commentText(position));
  }

  /** Everything up to it was sent or skipped. */
  get position(): OutboxPosition {
    return this.#position;
  }

  /** How many messages can be sent now; others would be skipped. @param now Unix ms */
  room(now: number): number {
    this.#written = this.#written.filter(({ at }) => at > now - SECOND_MS);
    return this.#isStalled() ? 0 : MESSAGES_A_SECOND - this.#written.reduce((sum, { count }) => sum + count, 0);
  }

  /** Send events. @param events in order; those of other instances or already sent are left out @param now Unix ms */
  take(events: readonly NamedEvent[], now: number): void {
    const room = this.room(now);
    let [text, count] = ["", 0];
    for (const { position, instance, name, text: message } of events) {
      if (this.chosen?.has(instance) === false) continue;
      if (this.#changed.size < NAMES_MAX) this.#changed.add(name);
      else this.#isMore ||= !this.#changed.has(name);
      if (message === undefined || comparePositions(position, this.#position) <= 0) continue;
      if (count === room) this.#skipped += 1;
      else {
        count += 1;
        text += message;
      }
    }
    const last = events.at(-1);
    if (last !== undefined) this.reached(last.position);
    if (count === 0) return;
    this.#written.push({ at: now, count });
    this.#sink.write(text);
  }

  /** Report that events are no longer available. */
  missed(): void {
    this.#isMissed = true;
  }

  /** Everything up to here is sent. */
  reached(position: OutboxPosition): void {
    if (comparePositions(position, this.#position) > 0) this.#position = position;
  }

  /** Send what is due; call it several times a second. @param now Unix ms */
  tick(now: number): void {
    if (this.#isStalled()) {
      this.#stalledSince ??= now;
      if (now - this.#stalledSince > STALLED_MS_MAX) this.#sink.destroy();
      return;
    }
    this.#stalledSince = undefined;
    if (now - this.#countsAt >= SECOND_MS && (this.#changed.size > 0 || this.#skipped > 0 || this.#isMissed)) {
      this.#countsAt = now;
      this.#sink.write(
        eventText("counts", this.#position, {
          instances: [...this.#changed],
          more: this.#isMore,
          skipped: this.#skipped,
          missed: this.#isMissed,
        }),
      );
      this.#changed.clear();
      this.#isMore = this.#isMissed = false;
      this.#skipped = 0;
    }
    if (now - this.#commentAt < COMMENT_EVERY_MS) return;
    this.#commentAt = now;
    this.#sink.write(commentText(this.#position));
  }

  end(): void {
    if (this.#isStalled()) this.#sink.destroy();
    else this.#sink.end();
  }

  #isStalled(): boolean {
    return this.#sink.writableLength > UNREAD_BYTES_MAX;
  }
}
