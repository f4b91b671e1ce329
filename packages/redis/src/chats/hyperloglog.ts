/**
 * Redis's HyperLogLog, read and merged outside of Redis: PFCOUNT of several keys needs them in one slot, and PFMERGE
 * writes, which a full Redis refuses. Same hash, same registers, same estimate as src/hyperloglog.c, so that both sides
 * agree to the last digit.
 */
export class HyperLogLog {
  readonly #registers = new Uint8Array(REGISTERS);

  add(member: Uint8Array): void {
    const hash = murmur64A(member);
    // The lowest bits choose the register; the position of the first 1 above them is its value.
    const rank = trailingZeros((hash >> BigInt(INDEX_BITS)) | (1n << BigInt(RANK_BITS))) + 1;
    this.#raise(Number(hash & BigInt(REGISTERS - 1)), rank);
  }

  /** @param stored the value of a HyperLogLog's key; empty for one without members @throws {RangeError} if it is not a HyperLogLog */
  merge(stored: Buffer): void {
    if (stored.length === 0) return;
    if (stored.toString("latin1", 0, 4) !== "HYLL") throw new RangeError("not a HyperLogLog of Redis");
    const registers = stored.subarray(HEADER_BYTES);
    if (stored.readUInt8(4) === DENSE) this.#mergeDense(registers);
    else this.#mergeSparse(registers);
  }

  /** Ertl, "New cardinality estimation algorithms for HyperLogLog sketches", 2017, algorithm 6. */
  count(): number {
    const histogram = new Uint32Array(RANK_BITS + 2);
    for (const rank of this.#registers) histogram[rank] = (histogram[rank] ?? 0) + 1;
    const share = (rank: number) => (histogram[rank] ?? 0) / REGISTERS;
    let z = REGISTERS * tau(1 - share(RANK_BITS + 1));
    for (let rank = RANK_BITS; rank >= 1; rank--) z = 0.5 * (z + (histogram[rank] ?? 0));
    z += REGISTERS * sigma(share(0));
    return Math.round((0.7213475204444817 * REGISTERS * REGISTERS) / z);
  }

  /** Six bits per register, lowest first. */
  #mergeDense(packed: Buffer): void {
    for (let i = 0; i < REGISTERS; i++) {
      const [byte, bit] = [(i * 6) >> 3, (i * 6) & 7];
      const two = (packed[byte] ?? 0) | ((packed[byte + 1] ?? 0) << 8);
      this.#raise(i, (two >> bit) & 63);
    }
  }

  /** Runs: 00nnnnnn zeros, 01nnnnnn nnnnnnnn many zeros, 1vvvvvnn of a value; each number is stored less one. */
  #mergeSparse(runs: Buffer): void {
    let register = 0;
    for (let i = 0; i < runs.length; i++) {
      const byte = runs[i] ?? 0;
      if (byte >= 128) {
        const end = register + (byte & 3) + 1;
        for (; register < end; register++) this.#raise(register, ((byte >> 2) & 31) + 1);
      } else if (byte >= 64) register += (((byte & 63) << 8) | (runs[++i] ?? 0)) + 1;
      else register += byte + 1;
    }
  }

  #raise(register: number, rank: number): void {
    if (rank > (this.#registers[register] ?? 0)) this.#registers[register] = rank;
  }
}

const INDEX_BITS = 14;
const REGISTERS = 1 << INDEX_BITS;
const RANK_BITS = 64 - INDEX_BITS;
const HEADER_BYTES = 16;
const DENSE = 0;

function sigma(share: number): number {
  if (share === 1) return Infinity;
  let [x, y, z, before] = [share, 1, share, NaN];
  while (z !== before) {
    x *= x;
    before = z;
    z += x * y;
    y += y;
  }
  return z;
}

function tau(share: number): number {
  if (share === 0 || share === 1) return 0;
  let [x, y, z, before] = [share, 1, 1 - share, NaN];
  while (z !== before) {
    x = Math.sqrt(x);
    before = z;
    y *= 0.5;
    z -= (1 - x) ** 2 * y;
  }
  return z / 3;
}

const SEED = 0xadc83b19n;
const M = 0xc6a4a7935bd1e995n;
const R = 47n;

/** MurmurHash64A (Austin Appleby, public domain) with Redis's seed, little-endian. */
function murmur64A(bytes: Uint8Array): bigint {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const whole = bytes.length - (bytes.length % 8);
  let hash = SEED ^ times(BigInt(bytes.length), M);
  for (let i = 0; i < whole; i += 8) {
    const word = times(view.getBigUint64(i, true), M);
    hash = times(hash ^ times(word ^ (word >> R), M), M);
  }
  if (whole < bytes.length) {
    let rest = 0n;
    for (let i = bytes.length - 1; i >= whole; i--) rest = (rest << 8n) | BigInt(view.getUint8(i));
    hash = times(hash ^ rest, M);
  }
  hash = times(hash ^ (hash >> R), M);
  return hash ^ (hash >> R);
}

function times(a: bigint, b: bigint): bigint {
  return BigInt.asUintN(64, a * b);
}

function trailingZeros(bits: bigint): number {
  let zeros = 0;
  while (((bits >> BigInt(zeros)) & 1n) === 0n) zeros += 1;
  return zeros;
}
