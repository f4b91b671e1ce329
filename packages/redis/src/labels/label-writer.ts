import {
  CounterChanges,
  Decision,
  LABELS_A_MESSAGE_MAX,
  LABELS_MAX,
  mayBeOfChat,
  newRecord,
  StoreUnavailableError,
  WAITING_IDS_MAX,
  withLabels,
  type InstanceId,
  type LabelledId,
  type Labelling,
} from "@ticktally/core";
import { commitReply, numbersAnswer, valueAnswer, valuesAnswer } from "@ticktally/schemas";
import type { InstanceBases, InstanceBasis } from "../commit/instance-basis.ts";
import { unreadable } from "../commit/instance-work.ts";
import { CommitWriter } from "../commit/commit-codec.ts";
import type { RecordReader } from "../commit/record-reader.ts";
import { NOT_STORED, type Stored } from "../commit/stored.ts";
import type { RedisClient } from "../connection/connection.ts";
import { NO_TIME } from "../instances/instance-epoch.ts";
import { inEpoch, readKeys } from "../connection/key-commands.ts";
import { INSTANCE_KEYS, type Keys } from "../keys.ts";
import { readAll } from "../messages/messages-of-id.ts";
import { chatHashes } from "../records/chat-index.ts";
import { sumPending } from "../records/pending-codec.ts";
import { changeNumber, isMessage } from "../records/record-codec.ts";
import { chatHashOf, chatIndexField, recordField } from "../records/record-field.ts";
import { readStored } from "../records/stored-record.ts";
import { storeError } from "../connection/store-error.ts";
import { labelNames, NAMES_ASKED, type LabelRegistry } from "./label-registry.ts";
import { sumsOf } from "./label-sums.ts";

export interface LabelWriterDeps {
  readonly redis: RedisClient;
  readonly keys: Keys;
  readonly bases: InstanceBases;
  readonly reader: Pick<RecordReader, "stored">;
  readonly registry: LabelRegistry;
  readonly retentionDays: number;
  /** What a commit's reply asks for. */
  readonly tell: (instance: InstanceId, outcome: string) => void;
}

/** So many ids are committed at a time: where each is that of 16 chats' messages, Redis does nothing else for some 10 ms. */
const IDS_A_CALL = 100;
/** Each time another writer got something done. */
const ROUNDS_MAX = 50;

/** What is stored under a field, and will be. */
interface Target {
  readonly field: Buffer;
  readonly stored: Stored;
  /** It is only compared. */
  readonly isKept: boolean;
}

/**
 * Sets labels. They are in the records, so that they are compared, counted, moved and deleted with them. An id that is not known yet
 * has a record of its labels alone, where the first event of its message finds it.
 */
export class LabelWriter {
  readonly #deps: LabelWriterDeps;
  readonly #decision = new Decision();

  constructor(deps: LabelWriterDeps) {
    this.#deps = deps;
  }

  /** See `LabelStore.label`. */
  async label(instance: InstanceId, label: string, ids: readonly LabelledId[]): Promise<Labelling> {
    const { names, waiting, today } = await this.#present(instance);
    const known = names.get(label);
    if (known === undefined && names.size >= LABELS_MAX) return { refusal: "too_many_labels" };
    const alive = new Set(names.values());
    const refusal = await this.#refusal(instance, known, ids, { alive, waiting });
    if (refusal !== undefined) return { refusal };
    const number = await this.#deps.registry.numberOf(instance, label);
    if (number === undefined) return { refusal: "too_many_labels" };
    let labelled = 0;
    for (let from = 0; from < ids.length; from += IDS_A_CALL)
      labelled += await this.#commit(instance, number, ids.slice(from, from + IDS_A_CALL), { alive, today });
    return { labelled };
  }

  /** The labels that there are, and how many ids wait. */
  async #present(instance: InstanceId) {
    const { redis, keys, retentionDays } = this.#deps;
    const root = keys.instance(instance);
    const [names, time, stored, pending] = await readKeys(redis, root, [
      NAMES_ASKED,
      ["TIME"],
      ["HGETALL", inEpoch(INSTANCE_KEYS.LABEL_WAITING)],
      ["GET", root + INSTANCE_KEYS.PENDING],
    ]);
    const today = Math.floor(Number(valuesAnswer.parse(time)[0]) / 86_400);
    // Records are kept half as long again, at most.
    const oldest = today - Math.ceil(1.5 * retentionDays);
    const { waiting } = sumsOf(sumPending(valueAnswer.parse(pending) ?? NOTHING).labels);
    let sum = 0;
    for (const days of [numbersAnswer.parse(stored), waiting])
      for (const [day, ids] of days) if (day >= oldest) sum += ids;
    return { names: labelNames(names), waiting: sum, today };
  }

  /** Looks at all before anything is written. */
  async #refusal(
    instance: InstanceId,
    number: number | undefined,
    ids: readonly LabelledId[],
    { alive, waiting }: { readonly alive: ReadonlySet<number>; readonly waiting: number },
  ): Promise<Labelling["refusal"]> {
    let more = 0;
    for (let from = 0; from < ids.length; from += IDS_A_CALL) {
      const { targets } = await this.#read(instance, ids.slice(from, from + IDS_A_CALL));
      for (const { stored, isKept } of targets) {
        if (isKept) continue;
        const record = newRecord("outgoing", "");
        readStored(stored, record);
        if (number !== undefined && record.labels.includes(number)) continue;
        const labels = record.labels.filter((one) => alive.has(one));
        if (labels.length >= LABELS_A_MESSAGE_MAX) return "too_many_of_message";
        if (!record.isKnown && labels.length === 0) more += 1;
      }
    }
    return more > 0 && waiting + more > WAITING_IDS_MAX ? "too_many_waiting" : undefined;
  }

  /** @returns how many messages that are known have the label now */
  async #commit(
    instance: InstanceId,
    number: number,
    ids: readonly LabelledId[],
    { alive, today }: { readonly alive: ReadonlySet<number>; readonly today: number },
  ): Promise<number> {
    const { redis, keys, bases, tell, retentionDays } = this.#deps;
    for (let round = 0; round < ROUNDS_MAX; round++) {
      const { basis, targets } = await this.#read(instance, ids);
      const changes = new CounterChanges();
      const writer = new CommitWriter(retentionDays);
      writer.begin(basis, 0, undefined);
      let [labelled, written] = [0, 0];
      for (const { field, stored, isKept } of targets) {
        if (isKept) {
          writer.unchanged(field, stored.value);
          continue;
        }
        const record = newRecord("outgoing", "");
        readStored(stored, record);
        if (record.isKnown) labelled += 1;
        if (record.labels.includes(number)) continue;
        this.#decision.begin(record);
        record.labels = withLabels(
          record.labels.filter((one) => alive.has(one)),
          [number],
        );
        record.waitingDay = today;
        this.#decision.end(record, changes);
        writer.record(
          field,
          stored,
          record,
          stored.value.length === 0 ? undefined : changeNumber(stored.value),
          this.#decision.status,
        );
        written += 1;
      }
      if (written === 0) return labelled;
      writer.end(NO_TIME, 0, changes);
      const outcome = commitReply.parse(
        await redis.commitBatch(1, keys.instance(instance), writer.finish()).catch(storeError),
      );
      if (outcome === "b") throw unreadable(instance);
      if (outcome !== "c") {
        if (basis.newEpoch !== undefined) bases.set(instance, basis.stored());
        tell(instance, outcome);
        return labelled;
      }
      bases.forget(instance);
    }
    throw new StoreUnavailableError("other writers kept changing the same messages");
  }

  /** What ids come to: the messages that are known, and where those will be that are not. Each field once. */
  async #read(
    instance: InstanceId,
    ids: readonly LabelledId[],
  ): Promise<{ readonly basis: InstanceBasis; readonly targets: readonly Target[] }> {
    const { bases } = this.#deps;
    await bases.learn([{ instance }]);
    const basis = bases.of(instance);
    const { hash } = basis;
    const fieldsOf = ids.flatMap(({ idMessage, chatId }) => [
      recordField("outgoing", idMessage, hash),
      chatIndexField("outgoing", idMessage, hash),
      ...(chatId === undefined ? [] : [recordField("outgoing", idMessage, hash, chatHashOf(chatId, hash))]),
    ]);
    const found = await this.#stored(instance, basis, fieldsOf);
    const targets = new Map<string, Target>();
    const put = (field: Buffer, stored: Stored, isKept: boolean) => {
      const name = field.toString("latin1");
      if (targets.get(name)?.isKept !== false) targets.set(name, { field, stored, isKept });
    };
    const inChats: Buffer[] = [];
    let at = 0;
    for (const { idMessage, chatId } of ids) {
      const [whole, index, own] = [found[at], found[at + 1], chatId === undefined ? undefined : found[at + 2]];
      at += chatId === undefined ? 2 : 3;
      if (whole === undefined || index === undefined) continue;
      if (own !== undefined) {
        const isWhole = own.stored.value.length === 0 && isKnownOf(whole.stored, chatId ?? "");
        put(...(isWhole ? ([whole.field, whole.stored, false] as const) : ([own.field, own.stored, false] as const)));
        continue;
      }
      put(whole.field, whole.stored, false);
      // A message of the id in a chat may be stored meanwhile.
      put(index.field, index.stored, true);
      for (const chatHash of chatHashes(index.stored.value))
        inChats.push(recordField("outgoing", idMessage, hash, chatHash));
    }
    for (const { field, stored } of await this.#stored(instance, basis, inChats))
      if (stored.value.length > 0) put(field, stored, false);
    return { basis, targets: [...targets.values()] };
  }

  async #stored(instance: InstanceId, basis: InstanceBasis, fields: readonly Buffer[]) {
    const found = basis.newEpoch === undefined ? await readAll(this.#deps.reader, instance, () => fields) : [];
    // Where the instance was deleted meanwhile there is nothing, and the commit finds that it has another basis.
    return fields.map((field, i) => found[i] ?? { field, stored: NOT_STORED });
  }
}

const NOTHING = Buffer.alloc(0);

/** Whether a message that is stored without its chat is that of a chat. */
function isKnownOf(stored: Stored, chatId: string): boolean {
  if (stored.value.length === 0 || !isMessage(stored.value)) return false;
  const record = newRecord("outgoing", "");
  readStored(stored, record);
  return mayBeOfChat(record, chatId);
}
