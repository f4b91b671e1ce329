import { mayBeOfChat, newRecord, type InstanceId, type LabelledId } from "@ticktally/core";
import type { InstanceBases, InstanceBasis } from "../instances/instance-basis.ts";
import type { RecordReader } from "../commit/record-reader.ts";
import { NOT_STORED, type Stored } from "../records/stored.ts";
import { readAll } from "../messages/messages-of-id.ts";
import { chatHashes } from "../records/chat-index.ts";
import { isMessage } from "../records/record-codec.ts";
import { chatHashOf, chatIndexField, recordField } from "../records/record-field.ts";
import { readStored } from "../records/stored-record.ts";

/** The present and the new value of a field. */
export interface LabelTarget {
  readonly field: Buffer;
  readonly stored: Stored;
  /** Whether it is only compared. */
  readonly isKept: boolean;
}

/** Finds the records that ids refer to. */
export class LabelTargets {
  readonly #bases: InstanceBases;
  readonly #reader: Pick<RecordReader, "stored">;

  constructor({ bases, reader }: { readonly bases: InstanceBases; readonly reader: Pick<RecordReader, "stored"> }) {
    this.#bases = bases;
    this.#reader = reader;
  }

  /** The known messages, and the fields of unknown ones. Each field once. */
  async read(
    instance: InstanceId,
    ids: readonly LabelledId[],
  ): Promise<{ readonly basis: InstanceBasis; readonly targets: readonly LabelTarget[] }> {
    await this.#bases.learn([{ instance }]);
    const basis = this.#bases.of(instance);
    const { hash } = basis;
    const fieldsOf = ids.flatMap(({ idMessage, chatId }) => [
      recordField("outgoing", idMessage, hash),
      chatIndexField("outgoing", idMessage, hash),
      ...(chatId === undefined ? [] : [recordField("outgoing", idMessage, hash, chatHashOf(chatId, hash))]),
    ]);
    const found = await this.#stored(instance, basis, fieldsOf);
    const targets = new Map<string, LabelTarget>();
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
    const found = basis.newEpoch === undefined ? await readAll(this.#reader, instance, () => fields) : [];
    // If the instance was deleted meanwhile there is no data, and the commit finds a different basis.
    return fields.map((field, i) => found[i] ?? { field, stored: NOT_STORED });
  }
}

/** Whether a message that is stored without its chat is that of a chat. */
function isKnownOf(stored: Stored, chatId: string): boolean {
  if (stored.value.length === 0 || !isMessage(stored.value)) return false;
  const record = newRecord("outgoing", "");
  readStored(stored, record);
  return mayBeOfChat(record, chatId);
}
