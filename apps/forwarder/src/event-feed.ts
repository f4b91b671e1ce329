import {
  StoreUnavailableError,
  type InstanceId,
  type InstanceRegistry,
  type RegisteredInstance,
} from "@ticktally/core";
import {
  comparePositions,
  OutboxReader,
  positionAt,
  type EventForTarget,
  type EventLanes,
  type FeedProgress,
  type Lane,
  type Outbox,
  type OutboxEvent,
  type OutboxPosition,
} from "@ticktally/redis";
import { eventBody, wantsEvent } from "./event-body.ts";
import type { KnownTarget, KnownTargets } from "./known-targets.ts";

export interface EventFeedOptions {
  readonly known: Pick<KnownTargets, "all">;
  readonly outbox: Outbox;
  readonly lanes: Pick<EventLanes, "hold" | "append" | "end">;
  readonly registry: Pick<InstanceRegistry, "slices">;
  readonly wake: (lanes: readonly Lane[]) => Promise<void>;
  readonly onError: (error: Error) => void;
  /** Unix ms */
  readonly now: () => number;
}

const EVERY_MS = 500;
/** All forwarders may be down for this long without losing an event. */
const WANTED_SECONDS = 3_600;
const WANTED_EVERY_MS = 60_000;
const INSTANCES_EVERY_MS = 5_000;
/** An instance is found this long after its first event at most: the list of instances and the targets are known a few seconds late. */
const FOUND_MS = 10_000;
/** Events that are put into lanes in one step. */
const EVENTS_AT_ONCE = 500;

/** Reads transitions from the outboxes and puts them into the lanes of targets that want events. */
export class EventFeed {
  readonly #options: EventFeedOptions;
  #timer: NodeJS.Timeout | undefined;
  #running: Promise<void> | undefined;
  #reader: OutboxReader | undefined;
  /** Ids of the targets that have received everything up to the reader's position. */
  #fed: ReadonlySet<string> = new Set();
  /** The instances that the reader has read; `undefined` before it reads. */
  #seen: Set<InstanceId> | undefined;
  #wantedAt = -Infinity;
  #wanted = "";
  #namesAt = -Infinity;
  #names: ReadonlyMap<InstanceId, string> = new Map();

  constructor(options: EventFeedOptions) {
    this.#options = options;
  }

  start(): void {
    this.#timer = setInterval(() => {
      this.#running ??= this.look().finally(() => {
        this.#running = undefined;
      });
    }, EVERY_MS);
  }

  async stop(): Promise<void> {
    clearInterval(this.#timer);
    await this.#running;
  }

  /** Never throws: the next round continues where this one ended. */
  async look(): Promise<void> {
    const { known, lanes, onError } = this.#options;
    const targets = known.all.filter(({ mode, state }) => mode === "events" && state !== "disabled");
    try {
      if (targets.length === 0) {
        if (this.#reader !== undefined) await lanes.end();
        this.#reader = undefined;
        return;
      }
      const held = await lanes.hold();
      if (held === undefined) this.#reader = undefined;
      else {
        this.#reader ??= this.#begin(held, targets);
        for (const target of targets) if (!this.#fed.has(target.id)) await this.#catchUp(target, this.#reader.position);
        await this.#read(this.#reader, targets);
      }
    } catch (error) {
      // The events were not stored: read them again.
      this.#reader = undefined;
      onError(error instanceof Error ? error : new Error("unknown"));
    }
  }

  /** Continue where this process or another one has stopped, or begin with the oldest target. */
  #begin({ position, fed }: Partial<FeedProgress>, targets: readonly KnownTarget[]): OutboxReader {
    const first = Math.min(...targets.map(({ createdAt }) => createdAt)) * 1000;
    const all = this.#options.known.all.map(({ id }) => id);
    this.#fed = position === undefined || fed === undefined ? new Set(all) : fed;
    this.#seen = undefined;
    return new OutboxReader(this.#options.outbox, position ?? positionAt(first));
  }

  async #read(reader: OutboxReader, targets: readonly KnownTarget[]): Promise<void> {
    await this.#want(targets);
    const names = await this.#instanceNames();
    const named = targets.flatMap(({ instances }) => instances ?? []);
    const isAll = targets.some(({ instances }) => instances === undefined);
    const instances = new Set(isAll ? [...names.keys(), ...named] : named);
    const seen = (this.#seen ??= new Set(instances));
    for (const instance of instances) if (!seen.has(instance)) reader.begin(instance, reader.position.ms - FOUND_MS);
    for (const instance of instances) seen.add(instance);
    const { events, trimmed } = await reader.next(instances);
    if (trimmed.length > 0)
      this.#options.onError(
        new Error(`events of ${String(trimmed.length)} instances were trimmed before they were read`),
      );
    for (let from = 0; from < events.length; from += EVENTS_AT_ONCE) {
      const some = events.slice(from, from + EVENTS_AT_ONCE);
      const position = some.at(-1)?.position ?? reader.position;
      await this.#store(
        some.flatMap((event) => this.#forTargets(event, targets, names)),
        position,
      );
    }
  }

  /**
   * Events between a target's creation and the moment this process knew it, which reading for other targets has already passed. Until all of
   * them are stored, the target does not count as fed, so after an error they are read again.
   */
  async #catchUp(target: KnownTarget, end: OutboxPosition): Promise<void> {
    const names = await this.#instanceNames();
    const reader = new OutboxReader(this.#options.outbox, positionAt(target.createdAt * 1000));
    for (;;) {
      const instances = target.instances ?? [...names.keys()];
      const { events } = await reader.next(instances);
      const missed = events.filter(({ position }) => comparePositions(position, end) <= 0);
      const own = missed.flatMap((event) => this.#forTargets(event, [target], names));
      const isLast = events.length === 0 || missed.length < events.length;
      if (isLast) {
        this.#fed = new Set([...this.#fed, target.id]);
        for (const instance of instances) this.#seen?.add(instance);
      }
      if (isLast || own.length > 0) await this.#store(own, end);
      if (isLast) return;
    }
  }

  async #store(events: readonly EventForTarget[], position: OutboxEvent["position"]): Promise<void> {
    const { known, lanes, wake, now } = this.#options;
    const fed = new Set(known.all.flatMap(({ id }) => (this.#fed.has(id) ? [id] : [])));
    const woken = await lanes.append(events, { position, fed }, now());
    if (woken === undefined) throw new StoreUnavailableError("another forwarder reads the events now");
    if (woken.length > 0) await wake(woken);
  }

  #forTargets(
    event: OutboxEvent,
    targets: readonly KnownTarget[],
    names: ReadonlyMap<InstanceId, string>,
  ): readonly EventForTarget[] {
    const { instance, transition, position } = event;
    if (transition === undefined) return [];
    return targets.flatMap((target) => {
      if (target.secrets === undefined || !wantsEvent(target, event)) return [];
      const body = eventBody(target, names.get(instance) ?? instance, { instance, transition });
      const key = `${String(position.ms)}-${String(position.sequence)}-${String(position.index)}`;
      return [{ target: target.id, instance, idKey: target.secrets.idKey, body, key }];
    });
  }

  /** Have commits continue to write outboxes. */
  async #want(targets: readonly KnownTarget[]): Promise<void> {
    const wanted = targets.some(({ instances }) => instances === undefined)
      ? ("all" as const)
      : targets.flatMap(({ instances }) => instances ?? []);
    const asked = String(wanted);
    if (asked === this.#wanted && performance.now() - this.#wantedAt < WANTED_EVERY_MS) return;
    await this.#options.outbox.want(wanted, WANTED_SECONDS);
    [this.#wanted, this.#wantedAt] = [asked, performance.now()];
  }

  async #instanceNames(): Promise<ReadonlyMap<InstanceId, string>> {
    if (performance.now() - this.#namesAt < INSTANCES_EVERY_MS) return this.#names;
    const all: RegisteredInstance[] = [];
    for await (const some of this.#options.registry.slices()) all.push(...some);
    [this.#names, this.#namesAt] = [new Map(all.map(({ id, name }) => [id, name])), performance.now()];
    return this.#names;
  }
}
