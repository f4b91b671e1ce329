import { StoreRejectedError, type InstanceId } from "@ticktally/core";
import { recordsReply } from "@ticktally/schemas";
import type { RedisClient } from "../connection/connection.ts";
import { NO_STATE, readState, type StoredState } from "../instances/state-reports.ts";
import type { Keys } from "../keys.ts";
import { storeError } from "../connection/store-error.ts";
import { continueFrom, placeMessage, takeRead } from "./chat-scope.ts";
import { InstanceBasis, type InstanceBases } from "../instances/instance-basis.ts";
import { unreadable } from "../records/readable.ts";
import type { InstanceWork, MessageWork } from "./instance-work.ts";
import { Newness } from "./newness.ts";
import { unpackArray, type PackedValue } from "../messagepack/packed-array.ts";
import { PackedWriter } from "../messagepack/packed-writer.ts";
import type { RecordMemory } from "./record-memory.ts";
import { NOT_STORED, type Stored } from "../records/stored.ts";

/** The result of reading for an instance's work; the stored values are in its messages. */
export interface Reading {
  readonly work: InstanceWork;
  /** What it was read under. */
  readonly basis: InstanceBasis;
  /** How many messages were read, from the first one that is not committed. */
  readonly messages: number;
  readonly knownState: StoredState;
}

interface ReaderOptions {
  readonly redis: RedisClient;
  readonly keys: Keys;
  readonly bases: InstanceBases;
  readonly memory: RecordMemory;
}

/** How many messages of one instance are read at a time. */
const MESSAGES_MAX = 500;
/** How many fields are read for a message whose chat is part of its key. */
const SCOPED_FIELDS = 3;
/** Fewer messages if ids are very long, because these cost Redis more; ids of gateways have up to 32 characters. */
const ID_CHARACTERS_MAX = 64 * 1024;
/** Limit for recipients and texts in one reply; those of one message have about 30 kB, and at most 420 kB. */
const EXTRA_BYTES_MAX = 512 * 1024;
const ANY_PERIOD = -1;

/** Reads the stored records that decisions need. */
export class RecordReader {
  readonly #redis: RedisClient;
  readonly #keys: Keys;
  readonly #bases: InstanceBases;
  readonly #memory: RecordMemory;
  readonly #newness = new Newness();

  constructor({ redis, keys, bases, memory }: ReaderOptions) {
    this.#memory = memory;
    this.#redis = redis;
    this.#keys = keys;
    this.#bases = bases;
  }

  /**
   * @param underWay what is committed just now: its messages need not be read, they are what it stores
   * @returns what was read; those left out have another basis than was thought, and are read the next time, or are rejected
   * @throws {StoreUnavailableError}
   */
  async read(
    all: readonly InstanceWork[],
    underWay: ReadonlyMap<InstanceId, readonly InstanceWork[]>,
  ): Promise<readonly Reading[]> {
    const works = await this.#learn(all);
    const states = works.some((work) => work.states.length > 0)
      ? await Promise.all(works.map(async (work) => (work.states.length === 0 ? NO_STATE : this.#state(work.instance))))
      : [];
    const writer = new PackedWriter(4_096 + 64 * works.length);
    writer.int(EXTRA_BYTES_MAX);
    writer.int(ANY_PERIOD);
    const keys: string[] = [];
    const parts: Reading[] = [];
    const asked: (readonly Asked[])[] = [];
    for (let i = 0; i < works.length; i++) {
      const work = works[i];
      if (work === undefined) continue;
      const basis = this.#bases.of(work.instance);
      const messages = messagesToRead(work);
      parts.push({ work, basis, messages, knownState: states[i] ?? NO_STATE });
      const unknown = this.#recall(work, basis, messages, underWay.get(work.instance));
      asked.push(unknown);
      if (unknown.length === 0) continue;
      keys.push(this.#keys.instance(work.instance));
      writer.latin1(basis.text);
      writer.int(unknown.reduce((sum, { fields }) => sum + fields.length, 0));
      for (const { fields } of unknown) for (const field of fields) writer.bytes(field);
    }
    if (keys.length === 0) return parts;
    const values = await this.#ask(keys, writer);
    let next = 0;
    return parts.flatMap((part, i) => {
      const unknown = asked[i] ?? [];
      if (unknown.length === 0) return [part];
      const actual = values[next++];
      if (actual === false) {
        part.work.reject();
        return [];
      }
      if (actual !== true) {
        this.#bases.set(part.work.instance, new InstanceBasis(latin1(actual), undefined));
        return [];
      }
      for (const { message, fields } of unknown) {
        const from = next;
        takeRead(
          message,
          fields.map((_, n) => storedOf(values[from + 2 * n], values[from + 2 * n + 1])),
        );
        if (!part.work.isToBeRead) this.#newness.learn(message.events, message.stored !== NOT_STORED);
        next += 2 * fields.length;
      }
      return [{ ...part, messages: messagesRead(part) }];
    });
  }

  /** A message that was assumed to be new is stored by now, or was not new. */
  learn(work: InstanceWork, wasStored: boolean): void {
    for (let n = work.done; n < work.done + work.underWay; n++) {
      const message = work.messages[n];
      if (message?.isGuessed !== true) continue;
      this.#newness.learn(message.events, wasStored);
      message.isGuessed = false;
    }
  }

  /** Reject instances whose basis cannot be read. @returns the others */
  async #learn(works: readonly InstanceWork[]): Promise<readonly InstanceWork[]> {
    try {
      await this.#bases.learn(works);
      return works;
    } catch (error) {
      if (!(error instanceof StoreRejectedError) || works.length === 0) throw error;
    }
    const learnt: InstanceWork[] = [];
    for (const work of works) {
      try {
        await this.#bases.learn([work]);
        learnt.push(work);
      } catch (error) {
        if (!(error instanceof StoreRejectedError)) throw error;
        work.reject();
      }
    }
    return learnt;
  }

  /** Assign the messages' fields, and their cached values. @returns those that must be read */
  #recall(
    work: InstanceWork,
    basis: InstanceBasis,
    messages: number,
    underWay: readonly InstanceWork[] | undefined,
  ): readonly Asked[] {
    const unknown: Asked[] = [];
    for (let n = work.done; n < work.done + messages; n++) {
      const message = work.messages[n];
      if (message === undefined) continue;
      const fields = placeMessage(message, basis.hash);
      if (basis.newEpoch !== undefined) continue;
      const earlier = work.isToBeRead ? undefined : messageInProgress(underWay, message);
      if (earlier !== undefined) continueFrom(message, earlier);
      else if (work.isToBeRead || !this.#remember(work.instance, message)) {
        // For a message whose chat is part of its key, the other chats must be known too.
        message.isGuessed = !work.isToBeRead && message.scope === undefined && this.#newness.isLikely(message.events);
        if (!message.isGuessed) unknown.push({ message, fields });
      }
    }
    return unknown;
  }

  /** @returns whether everything stored about a message is cached */
  #remember(instance: InstanceId, message: MessageWork): boolean {
    const { scope, field } = message;
    const value = this.#memory.get(instance, field);
    const index = scope === undefined ? undefined : this.#memory.get(instance, scope.indexField);
    if (value === undefined || (scope !== undefined && index === undefined)) return false;
    message.stored = { value, extra: undefined };
    if (scope !== undefined && index !== undefined) scope.index = index;
    return true;
  }

  /**
   * What is stored under fields that were made with the instance's own hash.
   * @returns the fields, and what is stored: `undefined` for what would make the reply too large, so ask again for that
   */
  async stored(instance: InstanceId, fieldsOf: (basis: InstanceBasis) => readonly Buffer[]) {
    const { fields, values } = await this.#values(instance, fieldsOf, EXTRA_BYTES_MAX, ANY_PERIOD);
    return fields.map((field, i) => ({ field, stored: storedOf(values[1 + 2 * i], values[2 + 2 * i]) }));
  }

  /** What is stored in one period alone, without what there is more of it; `undefined` for what is not. */
  async values(instance: InstanceId, asked: readonly Buffer[], period: number): Promise<(Buffer | undefined)[]> {
    const { fields, values } = await this.#values(instance, () => asked, 0, period);
    return fields.map((_, i) => {
      const value = values[1 + 2 * i];
      return Buffer.isBuffer(value) ? value : undefined;
    });
  }

  /** @returns of each field its value and its extra, after a first element */
  async #values(
    instance: InstanceId,
    fieldsOf: (basis: InstanceBasis) => readonly Buffer[],
    extraBytesMax: number,
    period: number,
  ): Promise<{ readonly fields: readonly Buffer[]; readonly values: readonly PackedValue[] }> {
    for (;;) {
      await this.#bases.learn([{ instance }]);
      const basis = this.#bases.of(instance);
      if (basis.newEpoch !== undefined) return { fields: [], values: [] };
      const fields = fieldsOf(basis);
      const writer = new PackedWriter();
      writer.int(extraBytesMax);
      writer.int(period);
      writer.latin1(basis.text);
      writer.int(fields.length);
      for (const field of fields) writer.bytes(field);
      const values = await this.#ask([this.#keys.instance(instance)], writer);
      if (values[0] === true) return { fields, values };
      if (values[0] === false) throw unreadable(instance);
      this.#bases.set(instance, new InstanceBasis(latin1(values[0]), undefined));
    }
  }

  async #ask(keys: readonly string[], writer: PackedWriter): Promise<readonly PackedValue[]> {
    const reply = await this.#redis.readRecordsBuffer(keys.length, ...keys, writer.finish()).catch(storeError);
    return unpackArray(recordsReply.parse(reply));
  }

  async #state(instance: InstanceId): Promise<StoredState> {
    return readState(this.#redis, this.#keys, instance);
  }
}

/** A message in the latest commit in progress that stores it and is likely to succeed. */
export function messageInProgress(
  underWay: readonly InstanceWork[] | undefined,
  { direction, idMessage, scope }: Pick<MessageWork, "direction" | "idMessage" | "scope">,
): MessageWork | undefined {
  for (let i = (underWay?.length ?? 0) - 1; i >= 0; i--) {
    const work = underWay?.[i];
    const message = work?.isInDoubt === true ? undefined : work?.message(direction, idMessage, scope?.chatId);
    if (message?.after !== undefined) return message;
  }
  return undefined;
}

/** A message, and the fields that are read of it. */
interface Asked {
  readonly message: MessageWork;
  readonly fields: readonly Buffer[];
}

function messagesToRead({ messages, done }: InstanceWork): number {
  const end = Math.min(messages.length, done + MESSAGES_MAX);
  let [characters, fields] = [0, 0];
  for (let n = done; n < end; n++) {
    characters += messages[n]?.idMessage.length ?? 0;
    fields += messages[n]?.scope === undefined ? 1 : SCOPED_FIELDS;
    if (characters > ID_CHARACTERS_MAX || fields > MESSAGES_MAX) return Math.max(1, n - done);
  }
  return end - done;
}

/** How many messages can be decided on: up to the first one of which there was more than was read. */
function messagesRead({ work, messages }: Reading): number {
  for (let n = 0; n < messages; n++) if (work.messages[work.done + n]?.stored === undefined) return n;
  return messages;
}

/** @returns `undefined` if it was not read completely */
function storedOf(value: PackedValue, extra: PackedValue): Stored | undefined {
  if (!Buffer.isBuffer(value)) return NOT_STORED;
  if (extra === 0) return undefined;
  return { value, extra: Buffer.isBuffer(extra) ? extra : undefined };
}

function latin1(value: PackedValue): string {
  return Buffer.isBuffer(value) ? value.toString("latin1") : "";
}

export function messagesIn(readings: readonly Reading[]): number {
  return readings.reduce((sum, { messages }) => sum + messages, 0);
}
