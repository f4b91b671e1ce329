// `npm run bench [-- options]`: installs and builds what is needed, then runs the benchmark. The options are in bench/src/run.ts.
import "../require-node.mjs";
import { runMain } from "../process/fault.mjs";
import { ensureBuilt, ensureInstalled } from "../workspace.mjs";
import { compiled } from "./typescript.mjs";

await runMain(async () => {
  await ensureInstalled();
  await ensureBuilt();
  await import(await compiled("bench", "run.js"));
  return 0;
});
