import { batchCost } from "./sections/batch-cost.mjs";
import { cluster } from "./sections/cluster.mjs";
import { drain } from "./sections/drain.mjs";
import { endToEnd } from "./sections/end-to-end.mjs";
import { fixedRate } from "./sections/fixed-rate.mjs";
import { memory } from "./sections/memory.mjs";
import { overload } from "./sections/overload.mjs";

/** All parts, in the order they are run. @type {readonly import("./section.mjs").Section[]} */
export const SECTIONS = [endToEnd, fixedRate, drain, batchCost, memory, overload, cluster];
