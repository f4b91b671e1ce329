import type { CounterChanges, MessageRecord } from "@ticktally/core";
import type { StoredState } from "../instances/state-reports.ts";
import { kindKey, packedChatBytesMax, writeChatId } from "../records/chat-codec.ts";
import { packExtra } from "../records/extra-codec.ts";
import { pendingBytesMax, writePending } from "../records/pending-codec.ts";
import { recordBytesMax, writeRecord } from "../records/record-codec.ts";
import type { InstanceBasis } from "../instances/instance-basis.ts";
import { PackedWriter, type PackedPlace } from "../messagepack/packed-writer.ts";
import type { OutboxPieces } from "../outbox/outbox-pieces.ts";
import { NOT_STORED, type Stored } from "../records/stored.ts";

/** A gateway state that is stored if the one that was read is unchanged. */
export interface StateChange {
  readonly expected: StoredState;
  readonly next: StoredState;
}

/** See `place` in the script. */
const [IN_PRESENT, IN_PLACE] = [-1, -2];

/** Writes the argument of `lua/commit-batch.lua`, instance by instance. */
export class CommitWriter {
  readonly #writer: PackedWriter;
  #next = 0;
  #firstPlace = 0;
  #lastPlace = 0;
  #records = 0;
  #recordsPlace = 0;
  #count = 0;
  readonly #failures: { readonly field: Buffer; readonly failedAt: number | undefined }[] = [];

  /**
   * @param retentionDays how long records are kept after their last event
   * @param isInPlace write records where they are; otherwise in the present period, with an entry in the list of arrivals
   */
  constructor(retentionDays: number, { bytes, isInPlace = false }: { bytes?: number; isInPlace?: boolean } = {}) {
    this.#writer = new PackedWriter(bytes);
    this.#writer.int(retentionDays * 86_400);
    this.#writer.int(isInPlace ? IN_PLACE : IN_PRESENT);
  }

  /** Between two instances. */
  place(): PackedPlace {
    return this.#writer.place();
  }

  /** Remove everything written after a position. */
  backTo(place: PackedPlace): void {
    this.#failures.length = 0;
    this.#writer.backTo(place);
  }

  /** @param basis as it was read @param lastReceipt Unix seconds */
  begin(
    { text, newEpoch = "" }: Pick<InstanceBasis, "text" | "newEpoch">,
    lastReceipt: number,
    state: StateChange | undefined,
  ): void {
    const writer = this.#writer;
    this.#next = writer.later();
    writer.latin1(text);
    writer.latin1(newEpoch);
    this.#firstPlace = writer.later();
    this.#lastPlace = writer.later();
    writer.int(lastReceipt);
    writer.bool(state !== undefined);
    if (state !== undefined) for (const value of [...state.expected, ...state.next]) writer.bytes(value);
    this.#recordsPlace = writer.later();
    this.#records = 0;
  }

  /**
   * @param changes the change number of its extras
   * @param status the code of the message's status
   * @returns the value that will be stored
   */
  record(field: Buffer, before: Stored, record: MessageRecord, changes: number | undefined, status: number): Stored {
    const writer = this.#writer;
    this.#records += 1;
    writer.bytes(field);
    writer.bytes(before.value);
    const extra = packExtra(record);
    const isSame = extra === undefined ? before.extra === undefined : before.extra?.equals(extra) === true;
    const number = extra === undefined ? undefined : isSame ? changes : nextNumber(changes);
    const bytesMax = recordBytesMax(record);
    const start = writer.open(bytesMax);
    const bytes = writeRecord(writer.target, start, record, number, status);
    const at = writer.close(bytes, bytesMax);
    const value = writer.target.subarray(at, at + bytes);
    if (isSame) writer.bool(false);
    else writer.bytes(extra ?? NOT_STORED.value);
    return { value, extra };
  }

  /** Values among the records that are not records. */
  entry(field: Buffer, before: Buffer, after: Buffer): void {
    const writer = this.#writer;
    this.#records += 1;
    writer.bytes(field);
    writer.bytes(before);
    writer.bytes(after);
    writer.bool(false);
  }

  /** A value that the decision was based on and that stays unchanged. @param value empty for none */
  unchanged(field: Buffer, value: Buffer): void {
    const writer = this.#writer;
    this.#records += 1;
    writer.bytes(field);
    writer.bytes(value);
    writer.bool(false);
    writer.bool(false);
  }

  /** @param failedBefore when it failed, and failedAfter: Unix seconds; `undefined` where it had not */
  failure(field: Buffer, failedBefore: number | undefined, failedAfter: number | undefined): void {
    if (failedBefore !== failedAfter) this.#failures.push({ field, failedAt: failedAfter });
  }

  /**
   * @param first lowest and last highest time of what was recorded; `NO_TIME` and 0 for none
   * @param outbox `undefined` where no client reads the instance's outbox: then not a byte more is written
   */
  end(first: number, last: number, changes: CounterChanges, outbox?: OutboxPieces): void {
    const writer = this.#writer;
    writer.set(this.#firstPlace, first);
    writer.set(this.#lastPlace, last);
    writer.set(this.#recordsPlace, this.#records);
    writer.int(this.#failures.length);
    for (const { field, failedAt } of this.#failures) {
      writer.bytes(field);
      if (failedAt === undefined) writer.latin1("");
      else writer.digits(failedAt);
    }
    this.#failures.length = 0;
    this.#counts(changes);
    if (outbox !== undefined) this.#outbox(outbox);
    writer.set(this.#next, writer.elements + 1);
  }

  finish(): Buffer {
    return this.#writer.finish();
  }

  #counts(changes: CounterChanges): void {
    const writer = this.#writer;
    const bytesMax = pendingBytesMax(changes);
    const start = writer.open(bytesMax);
    writer.close(writePending(writer.target, start, changes), bytesMax);
    const place = writer.later();
    this.#count = 0;
    changes.takeChats(this.#takeChat);
    writer.set(place, this.#count);
  }

  #outbox(outbox: OutboxPieces): void {
    const writer = this.#writer;
    writer.digits(outbox.terms.expiresAt);
    writer.digits(outbox.terms.keptFromMs);
    for (const piece of outbox.all()) writer.bytes(Buffer.from(piece));
  }

  // Allocated once, not for each instance.
  readonly #takeChat = (chatId: string, kind: number, by: number) => {
    this.#count += 1;
    this.#writer.latin1(kindKey(kind));
    const bytesMax = packedChatBytesMax(chatId);
    const bytes = writeChatId(this.#writer.target, this.#writer.open(bytesMax), chatId, kind);
    this.#writer.close(bytes, bytesMax);
    this.#writer.digits(by);
  };
}

const NUMBERS = 0x10000;

/** Starts at a random number, so an earlier one is not repeated. */
function nextNumber(known: number | undefined): number {
  return known === undefined ? Math.floor(Math.random() * NUMBERS) : (known + 1) % NUMBERS;
}
