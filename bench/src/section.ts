import type { Row } from "./results/rounds.ts";
import type { Durability } from "../../scripts/redis/embedded-redis.mjs";
import type { Contender } from "./contenders/contenders.ts";

/** A column of a table. */
export interface Column {
  key: string;
  label: string;
  digits: number;
  withRatio?: boolean;
}

/** The results of some work. `how` describes the measurement; `baseline` is the contender of the ratios, if it differs from the benchmark's. */
export interface Table {
  name: string;
  title: string;
  how: string;
  baseline?: string;
  columns: readonly Column[];
  rows: readonly Row[];
}

/** The options of a run. */
export interface Settings {
  isShort: boolean;
  rounds: number;
  /** how long a contender is measured end to end, after a warm-up of the same length */
  seconds: number;
  durability: Durability;
  /** the contenders of the end-to-end sections */
  contenders: readonly Contender[];
  print: (line: string) => void;
}

/** A part of the benchmark. */
export interface Section {
  name: string;
  title: string;
  run: (settings: Settings) => Promise<readonly Table[]>;
}

export {};
