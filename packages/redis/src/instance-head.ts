import type { InstanceLife } from "./instance-life.ts";

/** What `lua/instance-head.lua` packs, as far as TypeScript reads it. Unix seconds; none before the first event. */
interface InstanceHead {
  readonly first?: number;
  readonly last?: number;
  readonly heard?: number;
}

const NO_TIME = 0xffffffff;

/** @param packed `null` for an instance never heard of */
export function instanceHead(packed: Buffer | null | undefined): InstanceHead {
  if (packed == null) return {};
  const [first, last, heard] = [packed.readUInt32BE(22), packed.readUInt32BE(26), packed.readUInt32BE(30)];
  return {
    ...(first === NO_TIME ? {} : { first }),
    ...(last === 0 ? {} : { last }),
    ...(heard === 0 ? {} : { heard }),
  };
}

/** @param head `undefined` for an instance without messages @param life as META has it */
export function instanceLife(head: Buffer | undefined, life = ""): InstanceLife | undefined {
  if (head === undefined) return undefined;
  const [b0, b1, b2, first] = [
    head.readUInt32BE(6),
    head.readUInt32BE(14),
    head.readUInt32BE(18),
    head.readUInt32BE(22),
  ];
  return { life, generation: head.readUIntBE(0, 6), buckets: [b0, b1, b2], first };
}
