import {
  CounterChanges,
  Decision,
  LABELS_A_MESSAGE_MAX,
  newRecord,
  StoreUnavailableError,
  UnknownInstanceError,
  WAITING_IDS_MAX,
  withLabels,
  type InstanceId,
  type LabelledId,
  type Labelling,
} from "@ticktally/core";
import { commitReply, numbersAnswer, valueAnswer, valuesAnswer } from "@ticktally/schemas";
import type { InstanceBases, InstanceBasis } from "../instances/instance-basis.ts";
import { unreadable } from "../records/readable.ts";
import { CommitWriter } from "../commit/commit-codec.ts";
import type { RecordReader } from "../commit/record-reader.ts";
import type { RedisClient } from "../connection/connection.ts";
import { NO_TIME } from "../instances/instance-epoch.ts";
import { inEpoch, readKeys } from "../connection/key-commands.ts";
import { INSTANCE_KEYS, type Keys } from "../keys.ts";
import { sumPending } from "../records/pending-codec.ts";
import { changeNumber } from "../records/record-codec.ts";
import { readStored } from "../records/stored-record.ts";
import { storeError } from "../connection/store-error.ts";
import { labelNames, NAMES_ASKED, type LabelRegistry } from "./label-registry.ts";
import { sumsOf } from "../counters/label-sums.ts";
import { LabelTargets, type LabelTarget } from "./label-targets.ts";
import { labelWork, WORK_ASKED, type LabelCall } from "./label-work.ts";
import { Turns } from "./turns.ts";

export interface LabelWriterDeps {
  readonly redis: RedisClient;
  readonly keys: Keys;
  readonly bases: InstanceBases;
  readonly reader: Pick<RecordReader, "stored">;
  readonly registry: LabelRegistry;
  readonly retentionDays: number;
  /** See `MessageStoresOptions`. */
  readonly admit: ((instances: readonly InstanceId[]) => Promise<ReadonlySet<InstanceId>>) | undefined;
  /** What a commit's reply asks for. */
  readonly followUp: (instance: InstanceId, outcome: string) => void;
}

/** Ids committed at a time. If each belongs to messages in 16 chats, Redis is blocked for about 10 ms. */
const IDS_A_CALL = 100;
/** Ids that are not known yet wait at least this long, however short messages are kept: campaigns are labelled ahead of time. */
const WAITING_DAYS_MIN = 30;
/** Each conflict means that another writer made progress. */
const ROUNDS_MAX = 50;

type Names = ReadonlyMap<string, number>;

/** What a call began with, and the messages that have its label by now. */
interface Begun {
  readonly basis: InstanceBasis;
  readonly names: Names;
  readonly labelled: Set<string>;
}

/**
 * Sets labels. They are part of the records, so they are compared, counted, moved and deleted with them. An id that is not known yet has a
 * record with only its labels, where the first event of its message finds it.
 *
 * A call may have more ids than one commit, and is still all or nothing: everything that could refuse it is checked first. Then the whole
 * call is stored, see `label-work.ts`, and committed part by part. Until that is done no other call begins and no label is deleted; any
 * process that finds the call finishes it.
 */
export class LabelWriter {
  readonly #deps: LabelWriterDeps;
  readonly #targets: LabelTargets;
  readonly #decision = new Decision();
  readonly #turns = new Turns();
  readonly #waitingDays: number;

  constructor(deps: LabelWriterDeps) {
    this.#deps = deps;
    this.#waitingDays = Math.max(deps.retentionDays, WAITING_DAYS_MIN);
    this.#targets = new LabelTargets(deps);
  }

  /** See `LabelStore.label`. */
  async label(instance: InstanceId, label: string, ids: readonly LabelledId[]): Promise<Labelling> {
    // In parallel, each would have to start again whenever another one was faster.
    return this.#turns.take(instance, async () => this.#label(instance, label, eachOnce(ids)));
  }

  async #label(instance: InstanceId, label: string, ids: readonly LabelledId[]): Promise<Labelling> {
    const { registry } = this.#deps;
    for (let round = 0; round < ROUNDS_MAX; round++) {
      const { names, waiting, day, calls } = await this.#present(instance);
      const basis = await this.#admitted(instance);
      const refusal = await this.#refusal(instance, ids, { names, waiting, number: names.get(label) });
      if (refusal !== undefined) return { refusal };
      const begun = await registry.begin(instance, label, { day, ids }, { calls, basis });
      if (begun === "too_many_labels") return { refusal: begun };
      if (begun !== undefined) return { labelled: await this.finish(instance, begun, basis.stored()) };
      this.#deps.bases.forget(instance);
    }
    throw new StoreUnavailableError(CONTENDED);
  }

  /**
   * Complete a call that was begun. Repeating it has no effect.
   * @param begun what the instance was based on then; asked for where it is not known
   * @returns how many messages that are known have the label now
   */
  async finish(instance: InstanceId, call: LabelCall, begun?: InstanceBasis): Promise<number> {
    const { registry } = this.#deps;
    const basis = begun ?? (await registry.basisOf(instance, call));
    if (basis === undefined) return 0;
    this.#deps.bases.set(instance, basis);
    const names = await registry.names(instance);
    const labelled = new Set<string>();
    for (let from = 0; from < call.ids.length; from += IDS_A_CALL)
      await this.#commit(instance, call, call.ids.slice(from, from + IDS_A_CALL), { basis, names, labelled });
    await registry.end(instance, call);
    return labelled.size;
  }

  /** The labels that there are, and how many ids wait, when no call is under way. */
  async #present(instance: InstanceId) {
    const { redis, keys } = this.#deps;
    const root = keys.instance(instance);
    for (let round = 0; round < ROUNDS_MAX; round++) {
      const [names, work, time, stored, pending] = await readKeys(redis, root, [
        NAMES_ASKED,
        WORK_ASKED,
        ["TIME"],
        ["HGETALL", inEpoch(INSTANCE_KEYS.LABEL_WAITING)],
        ["GET", root + INSTANCE_KEYS.PENDING],
      ]);
      const { call, calls } = labelWork(work);
      if (call !== undefined) {
        await this.finish(instance, call);
        continue;
      }
      const day = Math.floor(Number(valuesAnswer.parse(time)[0]) / 86_400);
      // Records are kept half as long again, at most.
      const oldest = day - Math.ceil(1.5 * this.#waitingDays);
      const { waiting } = sumsOf(sumPending(valueAnswer.parse(pending) ?? Buffer.alloc(0)).labels);
      let sum = 0;
      for (const days of [numbersAnswer.parse(stored), waiting])
        for (const [of, ids] of days) if (of >= oldest) sum += ids;
      return { names: labelNames(names), waiting: sum, day, calls };
    }
    throw new StoreUnavailableError(CONTENDED);
  }

  /** Checked after the epoch is read, which ends with the instance, so nothing is stored for one that is deleted at any time. */
  async #admitted(instance: InstanceId): Promise<InstanceBasis> {
    const { bases, admit } = this.#deps;
    await bases.learn([{ instance }]);
    const basis = bases.of(instance);
    if (admit === undefined || basis.isAdmitted) return basis;
    if (!(await admit([instance])).has(instance))
      throw new UnknownInstanceError(`instance ${instance} is not registered`);
    basis.isAdmitted = true;
    return basis;
  }

  /** Checks everything before anything is written. */
  async #refusal(
    instance: InstanceId,
    ids: readonly LabelledId[],
    {
      names,
      waiting,
      number,
    }: { readonly names: Names; readonly waiting: number; readonly number: number | undefined },
  ): Promise<Labelling["refusal"]> {
    const alive = new Set(names.values());
    const more = new Set<string>();
    for (let from = 0; from < ids.length; from += IDS_A_CALL) {
      const { targets } = await this.#targets.read(instance, ids.slice(from, from + IDS_A_CALL));
      for (const { field, stored, isKept } of targets) {
        if (isKept) continue;
        const record = newRecord("outgoing", "");
        readStored(stored, record);
        if (number !== undefined && record.labels.includes(number)) continue;
        const labels = record.labels.filter((one) => alive.has(one));
        if (labels.length >= LABELS_A_MESSAGE_MAX) return "too_many_of_message";
        if (!record.isKnown && labels.length === 0) more.add(field.toString("latin1"));
      }
    }
    return more.size > 0 && waiting + more.size > WAITING_IDS_MAX ? "too_many_waiting" : undefined;
  }

  /** Some of a call's ids. */
  async #commit(instance: InstanceId, call: LabelCall, ids: readonly LabelledId[], begun: Begun): Promise<void> {
    const { redis, keys, bases, followUp, retentionDays, registry } = this.#deps;
    for (let round = 0; round < ROUNDS_MAX; round++) {
      const { basis, targets } = await this.#targets.read(instance, ids);
      // The instance was deleted, and the call with it.
      if (!basis.isOfEpoch(begun.basis)) return;
      let isDone = true;
      // A commit keeps all its records equally long.
      for (const days of new Set([retentionDays, this.#waitingDays])) {
        const packed = this.#decided(call, targets, { ...begun, basis }, days);
        if (packed === undefined) continue;
        const reply = await redis.commitBatch(1, keys.instance(instance), packed).catch(storeError);
        const outcome = commitReply.parse(reply);
        if (outcome === "b") throw unreadable(instance);
        isDone = outcome !== "c";
        if (!isDone) break;
        followUp(instance, outcome);
      }
      if (isDone) return;
      bases.forget(instance);
      // Another process may have finished it, and the label be deleted since.
      if ((await registry.basisOf(instance, call)) === undefined) return;
    }
    throw new StoreUnavailableError(CONTENDED);
  }

  /** @param days how long what is written is kept @returns the commit of what is to be kept so long; `undefined` for none */
  #decided(
    call: LabelCall,
    targets: readonly LabelTarget[],
    { basis, names, labelled }: Begun,
    days: number,
  ): Buffer | undefined {
    const alive = new Set([...names.values(), call.label]);
    const changes = new CounterChanges();
    const writer = new CommitWriter(days);
    writer.begin(basis, 0, undefined);
    let written = 0;
    for (const { field, stored, isKept } of targets) {
      if (isKept) {
        writer.unchanged(field, stored.value);
        continue;
      }
      const record = newRecord("outgoing", "");
      readStored(stored, record);
      if (days !== (record.isKnown ? this.#deps.retentionDays : this.#waitingDays)) continue;
      if (record.isKnown) labelled.add(field.toString("latin1"));
      if (record.labels.includes(call.label)) continue;
      this.#decision.begin(record);
      record.labels = withLabels(
        record.labels.filter((one) => alive.has(one)),
        [call.label],
      );
      record.waitingDay = call.day;
      this.#decision.end(record, changes);
      const number = stored.value.length === 0 ? undefined : changeNumber(stored.value);
      writer.record(field, stored, record, number, this.#decision.status);
      written += 1;
    }
    if (written === 0) return undefined;
    writer.end(NO_TIME, 0, changes);
    return writer.finish();
  }
}

const CONTENDED = "other writers kept changing the same messages";

function eachOnce(ids: readonly LabelledId[]): readonly LabelledId[] {
  return [...new Map(ids.map((id) => [`${id.chatId ?? ""}\0${id.idMessage}`, id])).values()];
}
