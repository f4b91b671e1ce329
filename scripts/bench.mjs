// `npm run bench [-- options]`: installs and builds what is needed, then measures. bench/run.mjs tells the options.
import { ensureBuilt, ensureInstalled } from "./workspace.mjs";

await ensureInstalled();
await ensureBuilt();
await import("../bench/run.mjs");
