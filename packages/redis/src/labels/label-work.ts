import { decode, encode } from "@msgpack/msgpack";
import type { LabelledId } from "@ticktally/core";
import { packedLabelCall, valuesAnswer, type PackedAnswer } from "@ticktally/schemas";
import { inEpoch, type KeyCommand } from "../connection/key-commands.ts";
import { INSTANCE_KEYS } from "../keys.ts";

/** Ids that get a label, from the moment that can no longer be refused until all of them have it. */
export interface LabelCall {
  /** Random. */
  readonly id: string;
  /** The label's number. */
  readonly label: number;
  /** Since 1970: the day that ids wait from. */
  readonly day: number;
  readonly ids: readonly LabelledId[];
}

/** Unfinished work on an instance's labels. Any process that finds it finishes it, so it does not depend on the one that began it. */
export interface LabelWork {
  /** The number of calls that were begun. */
  readonly calls: number;
  readonly call: LabelCall | undefined;
  /** Numbers of labels that are deleted, and may still be in records and counts. */
  readonly deleted: readonly number[];
}

const { LABEL_WORK } = INSTANCE_KEYS;
/** Fields of LABEL_WORK; numbers of deleted labels are the others. */
const [CALLS, CALL] = ["calls", "call"];

export const WORK_ASKED: KeyCommand = ["HGETALL", inEpoch(LABEL_WORK)];

/** @param answer to {@link WORK_ASKED} */
export function labelWork(answer: PackedAnswer | undefined): LabelWork {
  const flat = valuesAnswer.parse(answer);
  const fields = new Map<string, Buffer>();
  for (let i = 0; i + 1 < flat.length; i += 2) fields.set(String(flat[i]), flat[i + 1] ?? Buffer.alloc(0));
  const calls = Number(fields.get(CALLS) ?? 0);
  const packed = fields.get(CALL);
  const deleted = [...fields.keys()].filter((field) => field !== CALLS && field !== CALL).map(Number);
  return { calls, call: packed === undefined ? undefined : unpackCall(packed), deleted };
}

export function isUnfinished({ call, deleted }: LabelWork): boolean {
  return call !== undefined || deleted.length > 0;
}

/** @param calls that were begun before it */
export function beginCall({ id, label, day, ids }: LabelCall, calls: number): KeyCommand {
  const packed = encode([id, label, day, ids.map(({ idMessage, chatId }) => [idMessage, chatId ?? null])]);
  return ["HSET", inEpoch(LABEL_WORK), CALLS, calls + 1, CALL, Buffer.from(packed)];
}

export function endCall(): KeyCommand {
  return ["HDEL", inEpoch(LABEL_WORK), CALL];
}

export function beginDeletion(label: number): KeyCommand {
  return ["HSET", inEpoch(LABEL_WORK), label, ""];
}

export function endDeletion(label: number): KeyCommand {
  return ["HDEL", inEpoch(LABEL_WORK), label];
}

function unpackCall(packed: Buffer): LabelCall {
  const [id, label, day, ids] = packedLabelCall.parse(decode(packed));
  return {
    id,
    label,
    day,
    ids: ids.map(([idMessage, chatId]) => ({ idMessage, ...(chatId === null ? {} : { chatId }) })),
  };
}
