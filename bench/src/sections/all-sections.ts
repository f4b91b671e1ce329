import { batchCost } from "./batch-cost.ts";
import { cluster } from "./cluster.ts";
import { drain } from "./drain.ts";
import { endToEnd } from "./end-to-end.ts";
import { fixedRate } from "./fixed-rate.ts";
import { memory } from "./memory.ts";
import { overload } from "./overload.ts";
import type { Section } from "../section.ts";

/** All sections, in the order of a run. */
export const SECTIONS: readonly Section[] = [endToEnd, fixedRate, drain, batchCost, memory, overload, cluster];
