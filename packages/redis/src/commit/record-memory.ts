import type { InstanceWork } from "./instance-work.ts";

/** A power of 2. */
const SLOTS = 32_768;
const SLOT_BYTES = 192;
const HEAD_BYTES = 2;

/**
 * A cache of recently stored records, because most messages change several times within minutes. It may be outdated at any time, because
 * other processes write too: the commit compares it and reports a conflict. It is one block of memory in which each message has two
 * possible slots, and later ones replace earlier ones. Long-lived objects would cost more than reading does.
 */
export class RecordMemory {
  // Made with the first record: many processes only read.
  #bytes = Buffer.alloc(0);
  #instances: string[] = [];

  /** @returns a copy; `undefined` for a message that is not remembered */
  get(instance: string, field: Buffer): Buffer | undefined {
    const slot = this.#find(instance, field);
    if (slot === -1) return undefined;
    const start = slot * SLOT_BYTES;
    const valueAt = start + HEAD_BYTES + field.length;
    return Buffer.from(this.#bytes.subarray(valueAt, valueAt + (this.#bytes[start + 1] ?? 0)));
  }

  /** Remember what a finished commit has stored. */
  remember({ instance, messages, done, underWay }: InstanceWork): void {
    for (let n = done; n < done + underWay; n++) {
      const message = messages[n];
      if (message?.after === undefined) continue;
      const { value, extra } = message.after;
      this.put(instance, message.field, extra === undefined ? value : undefined);
      const { scope } = message;
      if (scope !== undefined) this.put(instance, scope.indexField, scope.index);
    }
  }

  /** @param value `undefined` to forget it */
  put(instance: string, field: Buffer, value: Buffer | undefined): void {
    const known = this.#find(instance, field);
    if (value === undefined || HEAD_BYTES + field.length + value.length > SLOT_BYTES) {
      if (known !== -1) this.#instances[known] = "";
      return;
    }
    if (this.#instances.length === 0) {
      this.#bytes = Buffer.alloc(SLOTS * SLOT_BYTES);
      this.#instances = new Array<string>(SLOTS).fill("");
    }
    const slot = known === -1 ? this.#freed(slotOf(field)) : known;
    const start = slot * SLOT_BYTES;
    this.#instances[slot] = instance;
    this.#bytes[start] = field.length;
    this.#bytes[start + 1] = value.length;
    field.copy(this.#bytes, start + HEAD_BYTES);
    value.copy(this.#bytes, start + HEAD_BYTES + field.length);
  }

  /** @returns -1 for none */
  #find(instance: string, field: Buffer): number {
    const first = slotOf(field);
    if (this.#isAt(first, instance, field)) return first;
    return this.#isAt(beside(first), instance, field) ? beside(first) : -1;
  }

  #isAt(slot: number, instance: string, field: Buffer): boolean {
    if (this.#instances[slot] !== instance) return false;
    const fieldAt = slot * SLOT_BYTES + HEAD_BYTES;
    const bytes = this.#bytes[slot * SLOT_BYTES] ?? 0;
    return bytes === field.length && field.compare(this.#bytes, fieldAt, fieldAt + bytes) === 0;
  }

  /** The previous entry moves to the neighbouring slot and replaces the older one there. */
  #freed(slot: number): number {
    const before = this.#instances[slot] ?? "";
    if (before === "") return slot;
    this.#instances[beside(slot)] = before;
    this.#bytes.copyWithin(beside(slot) * SLOT_BYTES, slot * SLOT_BYTES, (slot + 1) * SLOT_BYTES);
    return slot;
  }
}

/** A field begins with a keyed hash. */
function slotOf(field: Buffer): number {
  return ((field[1] ?? 0) * 256 + (field[2] ?? 0)) & (SLOTS - 1);
}

function beside(slot: number): number {
  return slot ^ 1;
}
