import {
  chatKindOf,
  CounterChanges,
  Decision,
  newRecord,
  resetRecord,
  StoreUnavailableError,
  movesLastMessage,
  UnknownInstanceError,
  withLabels,
  type InstanceEvents,
  type InstanceId,
  type MessageRecord,
  type MessageStore,
  type MutableKey,
  type Outcome,
} from "@ticktally/core";
import { commitReply } from "@ticktally/schemas";
import { NO_TIME } from "../instances/instance-epoch.ts";
import { isChatIndex } from "../records/chat-index.ts";
import { changeNumber } from "../records/record-codec.ts";
import { readStored, recordOf } from "../records/stored-record.ts";
import { OutboxPieces } from "../outbox/outbox-pieces.ts";
import { storeError } from "../connection/store-error.ts";
import { ChatIndexes, continueFrom, labelsOfId } from "./chat-scope.ts";
import { CommitWriter } from "./commit-codec.ts";
import type { BatchCommitterOptions } from "./committer-options.ts";
import { stateChange } from "./gateway-state.ts";
import type { InstanceBasis } from "../instances/instance-basis.ts";
import { unreadable } from "../records/readable.ts";
import { firstOf, InstanceWork } from "./instance-work.ts";
import { PendingAdder } from "./pending-adder.ts";
import { messageInProgress, messagesIn, type Reading, type RecordReader } from "./record-reader.ts";
import { NOT_STORED } from "../records/stored.ts";

/** The most messages read and decided on at a time, so Redis is blocked for at most about 5 ms. */
const MESSAGES_A_CALL_MAX = 500;
/** Each conflict means that another writer made progress, so two in a row are rare. */
const ROUNDS_MAX = 50;
const CONTENDED = "other writers kept changing the same messages";

/**
 * Reads records, has core decide, and commits the decision if nothing changed meanwhile; otherwise that instance alone is read and decided
 * again. Several calls may be in progress: the next one reads and decides while Redis commits the previous one.
 */
export class BatchCommitter implements MessageStore {
  readonly #options: BatchCommitterOptions;
  readonly #reader: RecordReader;
  readonly #pending: PendingAdder;
  readonly #decision = new Decision();
  /** Empty between two instances. */
  #changes = new CounterChanges();
  readonly #record: MutableKey = newRecord("outgoing", "");
  /** Commits in progress, oldest first; their messages hold what they store. */
  readonly #inProgress = new Map<InstanceId, InstanceWork[]>();

  constructor(options: BatchCommitterOptions) {
    this.#options = options;
    this.#reader = options.reader;
    this.#pending = new PendingAdder(options);
  }

  /**
   * See `MessageStore.apply`.
   * @throws {StoreUnavailableError} in a cluster, what is on other masters is stored
   * @throws {StoreRejectedError} the keys of an instance cannot be read; the others are stored
   * @throws {UnknownInstanceError} an instance may not be counted, see `admit`; the others are stored
   */
  async apply(batches: readonly InstanceEvents[]): Promise<readonly (readonly Outcome[])[]> {
    const works = batches.map((batch) => new InstanceWork(batch));
    // In a cluster a script's keys must be in one slot, which is one instance. Elsewhere one call serves all instances, and its fixed cost
    // is paid once.
    const calls = this.#options.redis.isCluster ? works.map((work) => [work]) : [works];
    const running = calls.map(async (call) => this.#complete(call));
    // One that failed is not reported while others go on: its caller would repeat them beside themselves.
    await Promise.allSettled(running);
    await Promise.all(running);
    const rejection = works.find((work) => work.rejection !== undefined)?.rejection;
    if (rejection !== undefined) throw rejection;
    return works.map(({ outcomes }) => outcomes);
  }

  /**
   * Change stored records in place. Records that no longer exist, or that `change` leaves alone, are skipped.
   * @param change returns `undefined` where it did nothing; may be called again for the same record
   * @param also moves counters besides
   * @returns what it returned for those that were changed
   */
  async change<Result>(
    instance: InstanceId,
    fields: readonly Buffer[],
    change: (record: MessageRecord) => Result | undefined,
    also: (changes: CounterChanges) => void = () => undefined,
  ): Promise<readonly Result[]> {
    const done: Result[] = [];
    const [decision, { bases, keys, redis }] = [this.#decision, this.#options];
    let left = fields;
    for (let withoutProgress = 0; withoutProgress < ROUNDS_MAX; withoutProgress++) {
      await this.#pending.ready([{ instance }]);
      const found = await this.#reader.stored(instance, () => left);
      const basis = bases.of(instance);
      if (basis.newEpoch !== undefined) return done;
      const results: Result[] = [];
      const changes = new CounterChanges();
      const writer = new CommitWriter(this.#options.retentionDays, { isInPlace: true });
      writer.begin(basis, 0, undefined);
      for (const { field, stored } of found) {
        if (stored === undefined || stored.value.length === 0 || isChatIndex(stored.value)) continue;
        const record = recordOf(field, stored);
        decision.begin(record);
        const result = change(record);
        if (result === undefined) continue;
        results.push(result);
        decision.end(record, changes);
        writer.record(field, stored, record, changeNumber(stored.value), decision.status);
        writer.failure(field, decision.failedBefore, decision.failedAfter);
      }
      also(changes);
      writer.end(NO_TIME, 0, changes);
      const reply = await redis.commitBatch(1, keys.instance(instance), writer.finish()).catch(storeError);
      const outcome = commitReply.parse(reply);
      if (outcome === "b") throw unreadable(instance);
      if (outcome === "c") {
        bases.forget(instance);
        continue;
      }
      this.followUp(instance, outcome);
      done.push(...results);
      left = found.filter(({ stored }) => stored === undefined).map(({ field }) => field);
      if (left.length === 0) return done;
      withoutProgress = 0;
    }
    throw new StoreUnavailableError(CONTENDED);
  }

  async #complete(works: readonly InstanceWork[]): Promise<void> {
    let left = works;
    let withoutProgress = 0;
    while (left.length > 0) {
      const isProgress = await this.#round(firstOf(await this.#pending.ready(left), MESSAGES_A_CALL_MAX));
      withoutProgress = isProgress ? 0 : withoutProgress + 1;
      if (withoutProgress === ROUNDS_MAX) throw new StoreUnavailableError(CONTENDED);
      left = left.filter(({ isDone }) => !isDone);
    }
  }

  /** @returns whether anything was committed */
  async #round(works: readonly InstanceWork[]): Promise<boolean> {
    const wanted = this.#options.wanted.refresh();
    const reading = this.#reader.read(works, this.#inProgress);
    const read = await this.#admitted(wanted === undefined ? await reading : (await Promise.all([reading, wanted]))[0]);
    const bytes = 8_192 + 160 * messagesIn(read);
    const writer = new CommitWriter(this.#options.retentionDays, { bytes });
    const readings = read.filter((reading) => this.#isDecided(reading, writer));
    if (readings.length === 0) return false;
    const keys = readings.map(({ work }) => this.#options.keys.instance(work.instance));
    for (const { work, basis } of readings) this.#begin(work, basis);
    try {
      const reply = await this.#options.redis.commitBatch(keys.length, ...keys, writer.finish()).catch(storeError);
      return this.#settle(readings, commitReply.parse(reply));
    } finally {
      for (const { work } of readings) this.#end(work);
    }
  }

  /**
   * A commit is only done in the epoch that was read, and an epoch ends with its instance. So registration is checked here, between reading
   * and committing, and nothing is stored for an instance that is deleted at any time.
   */
  async #admitted(readings: readonly Reading[]): Promise<readonly Reading[]> {
    const { admit } = this.#options;
    const asked = readings.filter(({ basis }) => !basis.isAdmitted);
    if (admit === undefined || asked.length === 0) return readings;
    const admitted = await admit(asked.map(({ work }) => work.instance));
    for (const { work, basis } of asked) {
      if (admitted.has(work.instance)) basis.isAdmitted = true;
      else work.reject(new UnknownInstanceError(`instance ${work.instance} is not registered`));
    }
    return readings.filter(({ work }) => !work.isDone);
  }

  /** Whether an instance could be decided on: its stored data may be damaged, or of a newer version. */
  #isDecided(reading: Reading, writer: CommitWriter): boolean {
    const start = writer.place();
    try {
      this.#decide(reading, writer);
      return true;
    } catch (error) {
      if (!(error instanceof RangeError)) throw error;
      writer.backTo(start);
      this.#changes = new CounterChanges();
      reading.work.reject();
      return false;
    }
  }

  #decide({ work, basis, messages, knownState }: Reading, writer: CommitWriter): void {
    const changes = this.#changes;
    const decision = this.#decision;
    const record = this.#record;
    const { ignoreGroupMessages } = basis.settings;
    const inProgress = this.#inProgress.get(work.instance);
    let [first, last]: [number, number] = [NO_TIME, 0];
    const indexes = new ChatIndexes();
    const terms = this.#options.wanted.termsOf(work.instance);
    const outbox = terms === undefined ? undefined : new OutboxPieces(terms);
    writer.begin(basis, work.lastReceipt, stateChange(work, knownState));
    for (let n = work.done; n < work.done + messages; n++) {
      const message = work.messages[n];
      if (message === undefined) continue;
      const { direction, idMessage, events, places } = message;
      const earlier = messageInProgress(inProgress, message);
      if (earlier === undefined) indexes.choose(message);
      else continueFrom(message, earlier);
      const { field, stored = NOT_STORED } = message;
      resetRecord(record, direction, idMessage);
      const number = readStored(stored, record);
      const isNew = !record.isKnown;
      let isTouched = false;
      decision.begin(record);
      if (isNew) record.labels = withLabels(record.labels, labelsOfId(message));
      for (let i = 0; i < events.length; i++) {
        const event = events[i];
        const place = places[i];
        if (event === undefined || place === undefined) continue;
        if (ignoreGroupMessages && chatKindOf(event) === "group") {
          work.outcomes[place] = "ignored";
          if (event.kind === "status") changes.addOutcome("ignored");
          continue;
        }
        isTouched = true;
        work.outcomes[place] = decision.apply(record, event, basis.hashOf, changes);
        if (event.at < first) first = event.at;
        if (event.at > last && movesLastMessage(event)) last = event.at;
      }
      if (!isTouched) continue;
      decision.end(record, changes);
      message.after = writer.record(field, stored, record, number, decision.status);
      writer.failure(field, decision.failedBefore, decision.failedAfter);
      indexes.add(message, isNew);
      const transition = outbox === undefined ? undefined : decision.transition(record);
      if (transition !== undefined) outbox?.add(transition);
    }
    indexes.write(writer);
    work.underWay = messages;
    writer.end(first, last, changes, outbox);
  }

  #settle(readings: readonly Reading[], reply: string): boolean {
    let isProgress = false;
    const { memory } = this.#options;
    readings.forEach(({ work }, i) => {
      const outcome = reply[i];
      if (outcome === "c") {
        this.#options.bases.forget(work.instance);
        this.#reader.learn(work, true);
        work.isToBeRead = true;
        // Otherwise two commits based on each other could repeat endlessly.
        for (const other of this.#inProgress.get(work.instance) ?? []) other.isInDoubt = true;
        return;
      }
      if (outcome === undefined || outcome === "b") {
        work.reject();
        return;
      }
      this.followUp(work.instance, outcome);
      isProgress = true;
      this.#reader.learn(work, false);
      memory.remember(work);
      work.committed();
    });
    return isProgress;
  }

  /** Handle a commit that was stored but needs a follow-up. @param outcome a character of a commit's reply */
  followUp(instance: InstanceId, outcome: string): void {
    if (outcome === "d") this.#options.onDamage(instance);
    if (outcome === "m") this.#pending.begin(instance);
  }

  /** From now on, decisions about the same messages are based on what this commit stores. */
  #begin(work: InstanceWork, basis: InstanceBasis): void {
    if (basis.newEpoch !== undefined) this.#options.bases.set(work.instance, basis.stored());
    const inProgress = this.#inProgress.get(work.instance);
    if (inProgress === undefined) this.#inProgress.set(work.instance, [work]);
    else inProgress.push(work);
  }

  #end(work: InstanceWork): void {
    const inProgress = this.#inProgress.get(work.instance) ?? [];
    if (inProgress.length <= 1) this.#inProgress.delete(work.instance);
    else inProgress.splice(inProgress.indexOf(work), 1);
    for (let n = work.done - work.underWay; n < work.done + work.underWay; n++) {
      const message = work.messages[n];
      if (message !== undefined) message.after = undefined;
    }
    work.underWay = 0;
    work.isInDoubt = false;
  }
}
