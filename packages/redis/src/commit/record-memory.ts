/** A power of 2. */
const SLOTS = 32_768;
const SLOT_BYTES = 192;
const HEAD_BYTES = 2;

/**
 * What was stored last of some messages, so that it need not be read: most messages are touched several times within minutes. It may be outdated
 * at any time, for others write too: the commit compares it, and says so. One piece of memory, in
 * which each message has one place, and later ones push out earlier ones: objects that live long would cost more than reading does.
 */
export class RecordMemory {
  // Made with the first record: many processes only read.
  #bytes = Buffer.alloc(0);
  #instances: string[] = [];

  /** @returns a copy; `undefined` for a message that is not remembered */
  get(instance: string, field: Buffer): Buffer | undefined {
    const slot = slotOf(field);
    if (this.#instances[slot] !== instance) return undefined;
    const start = slot * SLOT_BYTES;
    const fieldAt = start + HEAD_BYTES;
    const valueAt = fieldAt + (this.#bytes[start] ?? 0);
    if (valueAt - fieldAt !== field.length || field.compare(this.#bytes, fieldAt, valueAt) !== 0) return undefined;
    return Buffer.from(this.#bytes.subarray(valueAt, valueAt + (this.#bytes[start + 1] ?? 0)));
  }

  /** @param value `undefined` to forget it */
  put(instance: string, field: Buffer, value: Buffer | undefined): void {
    const slot = slotOf(field);
    if (value === undefined || HEAD_BYTES + field.length + value.length > SLOT_BYTES) {
      if (this.#instances[slot] === instance) this.#instances[slot] = "";
      return;
    }
    if (this.#instances.length === 0) {
      this.#bytes = Buffer.alloc(SLOTS * SLOT_BYTES);
      this.#instances = new Array<string>(SLOTS).fill("");
    }
    const start = slot * SLOT_BYTES;
    this.#instances[slot] = instance;
    this.#bytes[start] = field.length;
    this.#bytes[start + 1] = value.length;
    field.copy(this.#bytes, start + HEAD_BYTES);
    value.copy(this.#bytes, start + HEAD_BYTES + field.length);
  }
}

/** A field begins with a keyed hash. */
function slotOf(field: Buffer): number {
  return ((field[1] ?? 0) * 256 + (field[2] ?? 0)) & (SLOTS - 1);
}
