// `npm run bench`: installs and builds what is needed, then measures. See bench/run.mjs for its options.
import { ensureBuilt, ensureInstalled } from "./workspace.mjs";

await ensureInstalled();
await ensureBuilt();
await import("../bench/run.mjs");
