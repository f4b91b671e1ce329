import type { Row } from "./results/rounds.ts";
import type { Durability } from "../../scripts/redis/embedded-redis.mjs";
import type { Contender } from "./contenders/contenders.ts";
/** One part of the benchmark: some work, who did it how fast, and how it was run. `baseline`: whom ratios compare to, if not the one that the benchmark as a whole compares to. */
export interface Column {
  key: string;
  label: string;
  digits: number;
  withRatio?: boolean;
}
/** One part of the benchmark: some work, who did it how fast, and how it was run. */
export interface Table {
  name: string;
  title: string;
  how: string;
  baseline?: string;
  columns: readonly Column[];
  rows: readonly Row[];
}
/** One part of the benchmark: some work, who did it how fast, and how it was run. */
export interface Settings {
  isShort: boolean;
  rounds: number;
  /** a contender is measured for, end to end; before, as long unmeasured */
  seconds: number;
  durability: Durability;
  /** those of the whole way */
  contenders: readonly Contender[];
  print: (line: string) => void;
}
/** One part of the benchmark: some work, who did it how fast, and how it was run. */
export interface Section {
  name: string;
  title: string;
  run: (settings: Settings) => Promise<readonly Table[]>;
}

export {};
