// `npm run dashboards`: writes the dashboards and alert rules that are generated from code, see deploy/grafana/src/generate.ts.
import "../require-node.mjs";
import { runMain } from "../process/fault.mjs";
import { ensureInstalled } from "../workspace.mjs";
import { compiled } from "./typescript.mjs";

await runMain(async () => {
  await ensureInstalled();
  await import(await compiled("deploy/grafana", "generate.js"));
  return 0;
});
