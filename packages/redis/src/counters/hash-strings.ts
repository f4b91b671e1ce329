import { unpackArray } from "../messagepack/packed-array.ts";
import { decompressLzf } from "./lzf.ts";

/** What a dump begins with: a hash as strings in turn, and as one string, a listpack. */
const [HASH, HASH_LISTPACK] = [4, 16];
/** Which dumps can be read here. */
export const DUMPED_HASHES = [HASH, HASH_LISTPACK] as const;
/** Version and checksum, at the end of a dump. */
const FOOTER_BYTES = 10;
const LISTPACK_HEAD_BYTES = 6;
/** A listpack of so many strings or more does not say how many they are, but ends with this byte. */
const [UNCOUNTED, LISTPACK_END] = [0xffff, 0xff];
/** Not a length but numbers of 1, 2 and 4 bytes, and what is compressed. */
const [INT8, INT32, COMPRESSED] = [0xc0, 0xc2, 0xc3];

/**
 * Fields and values of a hash in turn, as `lua/read-counts.lua` gives it: in the format of Redis's own files, which takes it a quarter of the
 * time that lists of them take, or else as MessagePack. One object is moved from string to string, because a query reads millions.
 * @see https://github.com/redis/redis/blob/7.0/src/rdb.c https://github.com/antirez/listpack/blob/master/listpack.md
 */
export class HashStrings {
  /** What the string is a part of; see {@link isNumber}. */
  bytes: Buffer;
  start = 0;
  end = 0;
  /** Whether it is a whole number that Redis keeps as such: it has no bytes then. */
  isNumber = false;
  number = 0;
  readonly #packed: Buffer;
  readonly #readNext: () => void;
  #at = 0;
  #left = 0;

  /** @param packed empty for no hash @throws {RangeError} it has another form */
  constructor(packed: Buffer) {
    this.bytes = this.#packed = packed;
    this.#readNext = this.#begin();
  }

  /** Move on. @returns whether there is another one */
  next(): boolean {
    if (this.#left === 0) return false;
    this.#left--;
    this.#readNext();
    return true;
  }

  #begin(): () => void {
    const packed = this.#packed;
    if (packed[0] === HASH) {
      this.#at = 1;
      this.#left = 2 * this.#length();
      return () => {
        this.#string();
        if (this.#left === 0 && this.#at + FOOTER_BYTES !== packed.length) throw unreadable();
      };
    }
    if (packed[0] === HASH_LISTPACK) {
      this.#at = 1;
      this.#string();
      if (this.#at + FOOTER_BYTES !== packed.length) throw unreadable();
      this.#at = this.start + LISTPACK_HEAD_BYTES;
      const count = this.bytes.readUInt16LE(this.start + 4);
      this.#left = count === UNCOUNTED ? this.#listpackEntries() : count;
      return () => {
        this.#listpackEntry();
      };
    }
    const strings = packed.length === 0 ? [] : unpackArray(packed);
    this.#left = strings.length;
    return () => {
      const string = strings[strings.length - this.#left - 1];
      if (!Buffer.isBuffer(string)) throw unreadable();
      [this.bytes, this.start, this.end] = [string, 0, string.length];
    };
  }

  #string(): void {
    const packed = this.#packed;
    const first = packed[this.#at] ?? 0;
    this.isNumber = first >= INT8 && first <= INT32;
    if (this.isNumber) {
      const bytes = 1 << (first - INT8);
      this.number = packed.readIntLE(this.#at + 1, bytes);
      this.#at += 1 + bytes;
    } else if (first === COMPRESSED) {
      this.#at++;
      const [bytes, length] = [this.#length(), this.#length()];
      this.bytes = decompressLzf(packed, this.#at, this.#at + bytes, length);
      [this.start, this.end] = [0, length];
      this.#at += bytes;
    } else {
      const length = this.#length();
      [this.bytes, this.start, this.end] = [packed, this.#at, this.#at + length];
      this.#at += length;
    }
  }

  #length(): number {
    const packed = this.#packed;
    const first = packed[this.#at++] ?? 0;
    if (first < 0x40) return first;
    if (first < 0x80) return ((first & 0x3f) << 8) | (packed[this.#at++] ?? 0);
    if (first !== 0x80) throw unreadable();
    this.#at += 4;
    return packed.readUInt32BE(this.#at - 4);
  }

  #listpackEntries(): number {
    const first = this.#at;
    let entries = 0;
    for (; this.bytes[this.#at] !== LISTPACK_END; entries++) this.#listpackEntry();
    this.#at = first;
    return entries;
  }

  #listpackEntry(): void {
    const { bytes } = this;
    const [at, first] = [this.#at, bytes[this.#at] ?? 0xff];
    let end: number;
    this.isNumber = first < 0x80 || (first >= 0xc0 && first < 0xe0) || first > 0xf0;
    if (first < 0x80) {
      this.number = first;
      end = at + 1;
    } else if (first < 0xc0) {
      this.start = at + 1;
      end = this.end = this.start + (first & 0x3f);
    } else if (first < 0xe0) {
      const value = ((first & 0x1f) << 8) | (bytes[at + 1] ?? 0);
      this.number = value < 0x1000 ? value : value - 0x2000;
      end = at + 2;
    } else if (first < 0xf0) {
      this.start = at + 2;
      end = this.end = this.start + (((first & 0x0f) << 8) | (bytes[at + 1] ?? 0));
    } else if (first === 0xf0) {
      this.start = at + 5;
      end = this.end = this.start + bytes.readUInt32LE(at + 1);
    } else if (first < 0xf4) {
      const length = first - 0xf0 + 1;
      this.number = bytes.readIntLE(at + 1, length);
      end = at + 1 + length;
    } else if (first === 0xf4) {
      this.number = Number(bytes.readBigInt64LE(at + 1));
      end = at + 9;
    } else throw unreadable();
    // Its length follows, for reading backwards.
    const length = end - at;
    this.#at = end + (length < 128 ? 1 : length < 16_383 ? 2 : length < 2_097_151 ? 3 : length < 268_435_455 ? 4 : 5);
  }
}

function unreadable(): RangeError {
  return new RangeError("a hash of counts is damaged, or of a form that is not known");
}
