/** Writes big-endian numbers and byte strings one after the other into a buffer that grows. */
export class ByteWriter {
  #buffer: Buffer;
  #length = 0;

  constructor(capacity: number) {
    this.#buffer = Buffer.allocUnsafe(capacity);
  }

  uint8(value: number): void {
    this.#reserve(1);
    this.#length = this.#buffer.writeUInt8(value, this.#length);
  }

  uint32(value: number): void {
    this.#reserve(4);
    this.#length = this.#buffer.writeUInt32BE(value, this.#length);
  }

  /** A length of 2 bytes, then the bytes. */
  bytes(value: Buffer): void {
    this.#reserve(2 + value.length);
    this.#length = this.#buffer.writeUInt16BE(value.length, this.#length);
    this.#buffer.set(value, this.#length);
    this.#length += value.length;
  }

  /** A length of 4 bytes, then what `write` writes. */
  sized(write: () => void): void {
    const start = this.#length;
    this.uint32(0);
    write();
    this.#buffer.writeUInt32BE(this.#length - start - 4, start);
  }

  done(): Buffer {
    return this.#buffer.subarray(0, this.#length);
  }

  #reserve(bytes: number): void {
    if (this.#length + bytes <= this.#buffer.length) return;
    const larger = Buffer.allocUnsafe(2 * (this.#buffer.length + bytes));
    larger.set(this.#buffer.subarray(0, this.#length));
    this.#buffer = larger;
  }
}
