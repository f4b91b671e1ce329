/** The bucket of a field among `buckets`, as `lua/periods.lua` chooses it: half of a power-of-2 table is split, the rest is not yet. */
export function bucketOf(field: Buffer, buckets: number): number {
  const power = 2 ** Math.floor(Math.log2(buckets));
  const bucket = field.readUIntBE(0, 3) % (power * 2);
  return bucket >= buckets ? bucket - power : bucket;
}
