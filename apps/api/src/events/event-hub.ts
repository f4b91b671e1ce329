import type { ServerResponse } from "node:http";
import { setTimeout as delay } from "node:timers/promises";
import type { InstanceId, InstanceRegistry } from "@ticktally/core";
import {
  comparePositions,
  OutboxReader,
  positionAt,
  positionOf,
  type Outbox,
  type OutboxPosition,
} from "@ticktally/redis";
import { ApiError } from "../http/api-error.ts";
import { EventInstances } from "./event-instances.ts";
import { EventStream } from "./event-stream.ts";
import { namedEvent } from "./event-text.ts";

const STREAMS_MAX = 100;
/** Of one instance's token, so that no customer takes all streams. */
const TOKEN_STREAMS_MAX = 20;
/** The minimum time between the starts of two rounds over all outboxes, unless one left something unread. */
const READ_EVERY_MS = 500;
/** With many outboxes, when a round takes long, reading takes at most a tenth of the time. */
const PAUSE_FACTOR = 9;
const TICK_MS = 250;
const CHECKED_EVERY_MS = 5_000;
const RESUMABLE_MS = 600_000;
const WANTED_AGAIN_MS = 60_000;
/** Counted from the last renewal, so at least ten minutes after the last reader left. */
const WANTED_SECONDS = (RESUMABLE_MS + WANTED_AGAIN_MS) / 1000;
/** An instance that changed just before a connection broke may be missing from the last `counts`. */
const COUNTS_BACK_MS = 2_000;
/** Missed events are sent at the same pace as live ones for this long; the rest is skipped. */
const REPLAY_MS_MAX = 60_000;
/** Skipping also has to read, to count what is skipped. If something is still left after this time, the reader gets a `missed` event. */
const SKIPPING_MS_MAX = 10_000;
const SKIPPED_BYTES_MAX = 2 * 1024 * 1024;
const PACE_MS = 100;
/** Missed entries are read ahead up to this many bytes per reader. */
const REPLAY_BYTES_MAX = 64 * 1024;

export const EVENT_STREAM_HEADERS = {
  "content-type": "text/event-stream",
  // Proxies must not buffer events.
  "x-accel-buffering": "no",
  connection: "close",
} as const;

interface EventHubOptions {
  readonly outbox: Pick<Outbox, "want" | "now" | "read" | "trimmed">;
  readonly registry: Pick<InstanceRegistry, "slices">;
  readonly streamsMax?: number;
  /** Unix ms */
  readonly now: () => number;
  /** Called when outboxes cannot be read now; the hub retries by itself. */
  readonly onError: (error: Error) => void;
}

interface EventRequest {
  /** SHA-256 of the caller's token if it is an instance's, also if the caller uses a session. */
  readonly instanceToken: string | undefined;
  /** Names by id; `undefined` for all instances. */
  readonly chosen: ReadonlyMap<InstanceId, string> | undefined;
  /** "" for none. */
  readonly lastEventId: string;
  /** Whether the caller may still read this. */
  readonly isAllowed: () => Promise<boolean>;
}

interface OpenStream {
  readonly events: EventStream;
  readonly isAllowed: () => Promise<boolean>;
  /** Whether the stream gets what the hub reads. If not, it is still reading what its reader missed. */
  isLive: boolean;
  checkedAt: number;
}

/** All event streams of this process. One loop reads the outboxes that any of them needs, and only while there are streams. */
export class EventHub {
  readonly #options: EventHubOptions;
  readonly #instances: EventInstances;
  /** Requests that are answered, or will be once their instances are registered with the outboxes. */
  readonly #requests = new Map<ServerResponse, EventRequest>();
  readonly #streams = new Map<ServerResponse, OpenStream>();
  #reader: OutboxReader | undefined;
  #ticks: NodeJS.Timeout | undefined;
  #wantedAt = -Infinity;
  #isStopped = false;
  #turn: Promise<unknown> = Promise.resolve();

  constructor(options: EventHubOptions) {
    this.#options = options;
    this.#instances = new EventInstances(options.registry);
  }

  /** Streams that are open. */
  get size(): number {
    return this.#requests.size;
  }

  /**
   * Answer a request with a stream, until either side ends it.
   * @throws {ApiError} unavailable if there are too many, in all or of this instance's token
   * @throws {StoreUnavailableError}
   */
  async open(res: ServerResponse, request: EventRequest): Promise<void> {
    const { outbox, streamsMax = STREAMS_MAX, now } = this.#options;
    if (this.#hasStopped() || this.#requests.size >= streamsMax)
      throw new ApiError("unavailable", `This process has ${String(streamsMax)} event streams open; try again.`);
    if (this.#streamsOf(request) >= TOKEN_STREAMS_MAX) {
      const max = String(TOKEN_STREAMS_MAX);
      throw new ApiError("unavailable", `This token has ${max} event streams open in this process; try again.`);
    }
    // From here on its instances are read, so nothing after the moment read below is missed.
    this.#requests.set(res, request);
    res.once("close", () => {
      this.#requests.delete(res);
      this.#streams.delete(res);
    });
    if (request.chosen === undefined) await this.#refresh();
    const since = await outbox.want(request.chosen === undefined ? "all" : [...request.chosen.keys()], WANTED_SECONDS);
    const present = await outbox.now();
    if (res.destroyed || this.#hasStopped()) {
      res.destroy();
      return;
    }
    const asked = positionOf(request.lastEventId);
    const earliest = Math.max(since, present - RESUMABLE_MS);
    const from = asked !== undefined && asked.ms >= earliest && asked.ms <= present ? asked : undefined;
    const position = from ?? positionAt(present);
    res.writeHead(200, EVENT_STREAM_HEADERS);
    const events = new EventStream({
      sink: res,
      chosen: request.chosen,
      position,
      isMissed: from === undefined && request.lastEventId !== "",
      now: now(),
    });
    const reader = this.#reader ?? this.#begin(present);
    const isLive = comparePositions(position, reader.position) >= 0;
    const stream: OpenStream = { events, isAllowed: request.isAllowed, isLive, checkedAt: now() };
    this.#streams.set(res, stream);
    if (!isLive) void this.#replay(stream, position, () => this.#streams.has(res));
  }

  /** End all streams. Their readers reconnect, to another process or later, and miss nothing. */
  stop(): void {
    this.#isStopped = true;
    clearInterval(this.#ticks);
    for (const { events } of this.#streams.values()) events.end();
  }

  #streamsOf({ instanceToken }: EventRequest): number {
    if (instanceToken === undefined) return 0;
    return [...this.#requests.values()].filter((open) => open.instanceToken === instanceToken).length;
  }

  #hasStopped(): boolean {
    return this.#isStopped;
  }

  #begin(present: number): OutboxReader {
    const reader = new OutboxReader(this.#options.outbox, positionAt(present));
    this.#reader = reader;
    this.#ticks ??= setInterval(() => {
      this.#tick();
    }, TICK_MS).unref();
    void this.#run(reader);
    return reader;
  }

  async #run(reader: OutboxReader): Promise<void> {
    while (!this.#isStopped && this.#requests.size > 0) {
      const begun = performance.now();
      const isMore = await this.#read(reader).catch((error: unknown) => {
        this.#options.onError(asError(error));
        return false;
      });
      const tookMs = performance.now() - begun;
      if (!isMore) await delay(Math.max(READ_EVERY_MS - tookMs, PAUSE_FACTOR * tookMs), undefined, { ref: false });
    }
    this.#reader = undefined;
    this.#instances.forget();
    if (this.#requests.size > 0) return;
    clearInterval(this.#ticks);
    this.#ticks = undefined;
  }

  /** @returns whether there is more to read at once */
  async #read(reader: OutboxReader): Promise<boolean> {
    const { outbox, now, onError } = this.#options;
    const isAll = [...this.#requests.values()].some(({ chosen }) => chosen === undefined);
    if (isAll) await this.#refresh();
    const names = isAll ? this.#instances.names : this.#chosen();
    if (now() - this.#wantedAt > WANTED_AGAIN_MS) {
      this.#wantedAt = now();
      outbox.want(isAll ? "all" : [...names.keys()], WANTED_SECONDS).catch((error: unknown) => {
        this.#wantedAt = -Infinity;
        onError(asError(error));
      });
    }
    const { events, isMore, trimmed } = await reader.next(names.keys());
    const named = events.map((event) => namedEvent(event, names.get(event.instance) ?? event.instance));
    for (const { events: stream, isLive } of this.#streams.values()) {
      if (!isLive) continue;
      if (trimmed.some((id) => isChosen(stream, id))) stream.missed();
      stream.take(named, now());
      stream.reached(reader.position);
    }
    return isMore;
  }

  #chosen(): ReadonlyMap<InstanceId, string> {
    return new Map([...this.#requests.values()].flatMap(({ chosen }) => [...(chosen ?? [])]));
  }

  /** New instances are read from the earliest moment they may have begun. */
  async #refresh(): Promise<void> {
    const { added, since } = await this.#instances.refresh(async () => this.#options.outbox.now());
    for (const instance of added) this.#reader?.begin(instance, since);
  }

  #tick(): void {
    const now = this.#options.now();
    for (const stream of this.#streams.values()) {
      stream.events.tick(now);
      if (now - stream.checkedAt < CHECKED_EVERY_MS) continue;
      stream.checkedAt = now;
      const end = (isAllowed: boolean) => {
        if (!isAllowed) stream.events.end();
      };
      // While Redis is unreachable, there is nothing to report either.
      stream.isAllowed().then(end, () => undefined);
    }
  }

  /** One after the other: after a restart all readers reconnect at once, and a reply of Redis may be large. */
  async #inTurn<Result>(read: () => Promise<Result>): Promise<Result> {
    const result = this.#turn.then(read);
    this.#turn = result.catch(() => undefined);
    return result;
  }

  /** Send what happened since a connection broke, then join the live streams. */
  async #replay(stream: OpenStream, from: OutboxPosition, isOpen: () => boolean): Promise<void> {
    const { outbox, now, onError } = this.#options;
    const { events } = stream;
    let reader = new OutboxReader(outbox, positionAt(Math.max(0, from.ms - COUNTS_BACK_MS)), REPLAY_BYTES_MAX);
    const ends = now() + REPLAY_MS_MAX;
    let isSkipping = false;
    while (isOpen() && this.#reader !== undefined && comparePositions(reader.position, this.#reader.position) < 0) {
      if (now() >= ends + SKIPPING_MS_MAX) {
        events.missed();
        break;
      }
      if (now() >= ends && !isSkipping) {
        isSkipping = true;
        reader = new OutboxReader(outbox, reader.position, SKIPPED_BYTES_MAX);
      }
      try {
        const names = events.chosen ?? this.#instances.names;
        const { events: found, trimmed } = await this.#inTurn(async () => reader.next(names.keys()));
        if (trimmed.some((id) => isChosen(events, id))) events.missed();
        for (let at = 0; at < found.length && isOpen();) {
          const room = now() < ends ? events.room(now()) : found.length;
          if (room === 0) await delay(PACE_MS, undefined, { ref: false });
          else {
            const part = found.slice(at, at + room);
            const named = part.map((event) => namedEvent(event, names.get(event.instance) ?? event.instance));
            events.take(named, now());
            at += room;
          }
        }
      } catch (error) {
        onError(asError(error));
        await delay(READ_EVERY_MS, undefined, { ref: false });
      }
    }
    events.reached(reader.position);
    stream.isLive = true;
  }
}

function isChosen({ chosen }: EventStream, instance: InstanceId): boolean {
  return chosen?.has(instance) ?? true;
}

function asError(error: unknown): Error {
  return error instanceof Error ? error : new Error(String(error));
}
