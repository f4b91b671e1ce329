/** Where an element begins. */
export interface PackedPlace {
  readonly end: number;
  readonly elements: number;
}

/**
 * Writes one flat array in MessagePack, in place, as an argument of a script. A single argument, because each argument costs both ends more
 * than its bytes; and not a general encoder, because that would need an object for each element.
 */
export class PackedWriter {
  /** The buffer for elements, between {@link open} and {@link close}. Replaced when it is too small. */
  target: Buffer;
  #end = ARRAY_HEADER_BYTES;
  #elements = 0;
  #openAt = 0;

  constructor(bytes = 16_384) {
    this.target = Buffer.allocUnsafe(bytes);
  }

  /** Elements so far. */
  get elements(): number {
    return this.#elements;
  }

  place(): PackedPlace {
    return { end: this.#end, elements: this.#elements };
  }

  backTo({ end, elements }: PackedPlace): void {
    this.#end = end;
    this.#elements = elements;
  }

  /** @param value at least -32 */
  int(value: number): void {
    this.#room(5);
    this.#elements += 1;
    if (value < 0) this.target[this.#end++] = 0x100 + value;
    else if (value < 128) this.target[this.#end++] = value;
    else this.#end = this.#writeUint32(this.#end, value);
  }

  /** An integer that is not known yet. @returns its place, for {@link set} */
  later(): number {
    this.#room(5);
    this.#elements += 1;
    const place = this.#end;
    this.#end = this.#writeUint32(place, 0);
    return place;
  }

  set(place: number, value: number): void {
    this.#writeUint32(place, value);
  }

  bool(value: boolean): void {
    this.#room(1);
    this.#elements += 1;
    this.target[this.#end++] = value ? TRUE : FALSE;
  }

  bytes(value: Uint8Array): void {
    const start = this.open(value.length);
    this.target.set(value, start);
    this.close(value.length);
  }

  /** @param value one byte a character */
  latin1(value: string): void {
    const start = this.open(value.length);
    this.target.write(value, start, "latin1");
    this.close(value.length);
  }

  /** An integer as text, after a prefix of one byte a character. */
  digits(value: number, prefix = ""): void {
    if (prefix === "" && value >= 0 && value < 10) {
      this.#room(2);
      this.#elements += 1;
      this.target[this.#end++] = SHORT_TEXT + 1;
      this.target[this.#end++] = DIGIT_0 + value;
    } else this.latin1(prefix + String(value));
  }

  /** Begin an element of bytes. @returns where in {@link target} to write at most `bytesMax` */
  open(bytesMax: number): number {
    this.#room(TEXT_HEADER_BYTES + bytesMax);
    this.#openAt = this.#end;
    return this.#end + (bytesMax < SHORT_TEXT_MAX ? 1 : TEXT_HEADER_BYTES);
  }

  /** @param bytes that were written @returns where they begin in {@link target} */
  close(bytes: number, bytesMax = bytes): number {
    this.#elements += 1;
    if (bytesMax < SHORT_TEXT_MAX) {
      this.target[this.#openAt] = SHORT_TEXT + bytes;
      this.#end = this.#openAt + 1 + bytes;
      return this.#openAt + 1;
    }
    this.target[this.#openAt] = TEXT_32;
    this.target.writeUInt32BE(bytes, this.#openAt + 1);
    this.#end = this.#openAt + TEXT_HEADER_BYTES + bytes;
    return this.#openAt + TEXT_HEADER_BYTES;
  }

  finish(): Buffer {
    this.target[0] = ARRAY_32;
    this.target.writeUInt32BE(this.#elements, 1);
    return this.target.subarray(0, this.#end);
  }

  #writeUint32(place: number, value: number): number {
    this.target[place] = UINT_32;
    return this.target.writeUInt32BE(value, place + 1);
  }

  #room(bytes: number): void {
    if (this.#end + bytes <= this.target.length) return;
    const larger = Buffer.allocUnsafe(2 * (this.#end + bytes));
    this.target.copy(larger, 0, 0, this.#end);
    this.target = larger;
  }
}

// github.com/msgpack/msgpack/blob/master/spec.md
const [ARRAY_32, UINT_32, TEXT_32, SHORT_TEXT] = [0xdd, 0xce, 0xdb, 0xa0];
const [FALSE, TRUE] = [0xc2, 0xc3];
const [ARRAY_HEADER_BYTES, TEXT_HEADER_BYTES, SHORT_TEXT_MAX] = [5, 5, 32];
const DIGIT_0 = 48;
