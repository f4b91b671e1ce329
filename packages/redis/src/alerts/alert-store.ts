import {
  SAMPLED_MINUTES,
  type AlertEvent,
  type AlertState,
  type InstanceId,
  type Sample,
  type SampledCounts,
  type TargetCounts,
} from "@ticktally/core";
import {
  storedAlertEvent,
  storedAlertStates,
  storedCounts,
  storedSample,
  storedTargetCounts,
  textAnswer,
  valuesAnswer,
} from "@ticktally/schemas";
import type { RedisClient } from "../connection/connection.ts";
import { changeKeys, readKeys, type KeyCommand } from "../connection/key-commands.ts";
import type { Keys } from "../keys.ts";
import { defineScripts } from "../scripts.ts";

/** The result of one minute. */
export interface AlertRound {
  readonly sample: Sample;
  /** Counters of every instance, which the next sample is compared with. */
  readonly counts: ReadonlyMap<InstanceId, SampledCounts>;
  /** The same of every target, by name. */
  readonly targetCounts: ReadonlyMap<string, TargetCounts>;
  readonly states: readonly AlertState[];
  readonly events: readonly AlertEvent[];
}

/** A leader that does not return is replaced after a minute and a half. */
const LEASE_MS = 90_000;
/** Events that no target has accepted for days are not worth more space. */
const EVENTS_MAX = 1_000;

/**
 * The state of alerting. One process at a time leads. A change is written only while its process leads, and each minute and day only once,
 * so a change of leader repeats nothing. Events to report are stored together with the state they follow from, and stay until they are
 * sent.
 */
export class RedisAlertStore {
  readonly #redis: RedisClient;
  readonly #root: string;
  readonly #holder: string;

  /** @param holder unique to this process */
  constructor(redis: RedisClient, keys: Keys, holder: string) {
    this.#redis = redis;
    this.#root = keys.alerting;
    this.#holder = holder;
    defineScripts(redis);
  }

  /** Take the lead or keep it. @returns the last minute that was evaluated, 0 for none; `undefined` if another process leads */
  async lead(): Promise<number | undefined> {
    const [lease, round] = [this.#key("lease"), this.#key("round")];
    const reads: readonly KeyCommand[] = [
      ["GET", lease],
      ["GET", round],
    ];
    return changeKeys<number | undefined>(this.#redis, this.#root, reads, ([holder, last]) => {
      if (this.#isOthers(holder)) return { commands: [], outcome: undefined };
      const outcome = Number(textAnswer.parse(last) ?? 0);
      return { commands: [["SET", lease, this.#holder, "PX", LEASE_MS]], outcome };
    });
  }

  async states(): Promise<readonly AlertState[]> {
    const [stored] = await readKeys(this.#redis, this.#root, [["GET", this.#key("states")]]);
    return storedAlertStates.parse(JSON.parse(textAnswer.parse(stored) ?? "[]"));
  }

  /** The samples of the hour before a minute, oldest first. */
  async samples(minute: number): Promise<readonly Sample[]> {
    const [stored] = await readKeys(this.#redis, this.#root, [["HGETALL", this.#key("samples")]]);
    const texts = valuesAnswer.parse(stored).filter((_, place) => place % 2 === 1);
    const samples = texts.map((text) => storedSample.parse(JSON.parse(String(text))));
    return samples
      .filter((sample) => sample.minute < minute && sample.minute >= minute - SAMPLED_MINUTES)
      .sort((a, b) => a.minute - b.minute);
  }

  /** Counters at the last sample; `undefined` before the first. */
  async counts(): Promise<ReadonlyMap<InstanceId, SampledCounts> | undefined> {
    const [stored] = await readKeys(this.#redis, this.#root, [["GET", this.#key("counts")]]);
    const text = textAnswer.parse(stored);
    return text === undefined ? undefined : storedCounts.parse(JSON.parse(text));
  }

  /** As {@link counts}, of targets by name; empty before the first. */
  async targetCounts(): Promise<ReadonlyMap<string, TargetCounts>> {
    const [stored] = await readKeys(this.#redis, this.#root, [["GET", this.#key("targetCounts")]]);
    return storedTargetCounts.parse(JSON.parse(textAnswer.parse(stored) ?? "{}"));
  }

  /** @returns whether it was written: another process may lead by now, or have done this minute */
  async commit({ sample, counts, targetCounts, states, events }: AlertRound): Promise<boolean> {
    const { minute } = sample;
    // Enough fields that none of the last hour is overwritten.
    const field = String(minute % (SAMPLED_MINUTES + 1));
    return this.#once("round", (last) => last < minute, minute, [
      ["HSET", this.#key("samples"), field, packedSample(sample)],
      ["SET", this.#key("counts"), JSON.stringify(packed(counts))],
      ["SET", this.#key("targetCounts"), JSON.stringify(packedTargets(targetCounts))],
      ["SET", this.#key("states"), JSON.stringify(states)],
      ...this.#queued(events),
    ]);
  }

  /** @returns the last day that was reported, days since 1970; `undefined` before the first */
  async digestDay(): Promise<number | undefined> {
    const [stored] = await readKeys(this.#redis, this.#root, [["GET", this.#key("digest")]]);
    const day = textAnswer.parse(stored);
    return day === undefined ? undefined : Number(day);
  }

  /** @param event `undefined`: earlier days are not reported */
  async commitDigest(day: number, event: AlertEvent | undefined): Promise<boolean> {
    return this.#once("digest", (last) => last < day, day, event === undefined ? [] : this.#queued([event]));
  }

  /** Events that are not sent yet, oldest first. */
  async unsent(): Promise<readonly AlertEvent[]> {
    const [stored] = await readKeys(this.#redis, this.#root, [["LRANGE", this.#key("events"), 0, -1]]);
    return valuesAnswer.parse(stored).map((text) => storedAlertEvent.parse(JSON.parse(String(text))));
  }

  async sent(event: AlertEvent): Promise<void> {
    await changeKeys(this.#redis, this.#root, [], () => ({
      commands: [["LREM", this.#key("events"), 1, JSON.stringify(event)]],
      outcome: undefined,
    }));
  }

  #queued(events: readonly AlertEvent[]): readonly KeyCommand[] {
    if (events.length === 0) return [];
    const key = this.#key("events");
    return [
      ["RPUSH", key, ...events.map((event) => JSON.stringify(event))],
      ["LTRIM", key, -EVENTS_MAX, -1],
    ];
  }

  async #once(
    name: "round" | "digest",
    isNext: (last: number) => boolean,
    value: number,
    commands: readonly KeyCommand[],
  ): Promise<boolean> {
    const [lease, key] = [this.#key("lease"), this.#key(name)];
    const reads: readonly KeyCommand[] = [
      ["GET", lease],
      ["GET", key],
    ];
    return changeKeys(this.#redis, this.#root, reads, ([holder, last]) => {
      const isOurs = textAnswer.parse(holder) === this.#holder;
      if (!isOurs || !isNext(Number(textAnswer.parse(last) ?? 0))) return { commands: [], outcome: false };
      return { commands: [["SET", key, value], ...commands], outcome: true };
    });
  }

  #isOthers(holder: unknown): boolean {
    const name = textAnswer.parse(holder);
    return name !== undefined && name !== this.#holder;
  }

  #key(name: "lease" | "round" | "digest" | "samples" | "counts" | "targetCounts" | "states" | "events"): string {
    return this.#root + name;
  }
}

function packedSample({ minute, queueAgeSeconds, grown, grownTargets }: Sample): string {
  return JSON.stringify({
    minute,
    queueAgeSeconds,
    grown: packed(grown),
    grownTargets: packedTargets(grownTargets),
  });
}

function packedTargets(counts: ReadonlyMap<string, TargetCounts>): Readonly<Record<string, readonly number[]>> {
  return Object.fromEntries([...counts].map(([name, { refused, dropped, dead }]) => [name, [refused, dropped, dead]]));
}

/** Four numbers per instance, because there are many instances. */
function packed(counts: ReadonlyMap<InstanceId, SampledCounts>): Readonly<Record<InstanceId, readonly number[]>> {
  const rows: Record<InstanceId, readonly number[]> = {};
  for (const [id, { sent, delivered, failed, noAccount }] of counts) rows[id] = [sent, delivered, failed, noAccount];
  return rows;
}
