// `npm run bench [-- memory] [-- options]`: installs and builds what is needed, then measures. Each file in bench/ tells its options.
import { ensureBuilt, ensureInstalled } from "./workspace.mjs";

await ensureInstalled();
await ensureBuilt();
const isMemory = process.argv[2] === "memory";
if (isMemory) process.argv.splice(2, 1);
await (isMemory ? import("../bench/memory.mjs") : import("../bench/run.mjs"));
