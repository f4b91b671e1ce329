import { batchCost } from "./sections/batch-cost.mjs";
import { cluster } from "./sections/cluster.mjs";
import { drain } from "./sections/drain.mjs";
import { endToEnd } from "./sections/end-to-end.mjs";
import { fixedRate } from "./sections/fixed-rate.mjs";
import { idle } from "./sections/idle.mjs";
import { ingestAlone } from "./sections/ingest-alone.mjs";
import { memory } from "./sections/memory.mjs";
import { overload } from "./sections/overload.mjs";
import { reads } from "./sections/reads.mjs";
import { scrape } from "./sections/scrape.mjs";
import { startup } from "./sections/startup.mjs";

/** All parts, in the order they are run. @type {readonly import("./section.mjs").Section[]} */
export const SECTIONS = [
  endToEnd,
  fixedRate,
  ingestAlone,
  idle,
  drain,
  batchCost,
  memory,
  overload,
  cluster,
  reads,
  scrape,
  startup,
];
