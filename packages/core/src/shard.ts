/** The queue of an instance's webhooks: always the same one. Sequential ids spread evenly. */
export function shardOf(instance: string | undefined, shards: number): number {
  if (shards === 1 || instance === undefined) return 0;
  let hash = 0;
  for (const digit of instance) hash = (Math.imul(hash, 31) + digit.charCodeAt(0)) >>> 0;
  return hash % shards;
}
