// Writes the dashboards and Grafana's alert rules from the code in src/. Run it after changing that, or the alerts of Prometheus.
// `--runbook https://…` puts the address where you publish docs/runbook.md into every alert first.
import { writeFileSync } from "node:fs";
import { parseArgs } from "node:util";
import { filesWithRunbook, generatedFiles } from "./generated-files.ts";

const { runbook } = parseArgs({ options: { runbook: { type: "string" } } }).values;
if (runbook !== undefined) write(filesWithRunbook(runbook));
write(generatedFiles());

/** @param files text by path */
function write(files: ReadonlyMap<string, string>) {
  for (const [path, text] of files) {
    writeFileSync(path, text);
    console.log(path);
  }
}
