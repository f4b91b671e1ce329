// Writes the dashboards and Grafana's alert rules from the code in src/. Run it after changing that, or the alerts of Prometheus.
import { writeFileSync } from "node:fs";
import { generatedFiles } from "./src/generated-files.mjs";

for (const [path, text] of generatedFiles()) {
  writeFileSync(path, text);
  console.log(path);
}
