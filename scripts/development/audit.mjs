// `npm run audit`: what is known of the packages that run in production. Exit code 0: nothing, 1: weaknesses, 69: no registry could be asked.
import "../require-node.mjs";
import { auditVerdict } from "./audit-verdict.mjs";
import { pnpmOutput } from "../workspace.mjs";

const { output } = await pnpmOutput(["audit", "--prod", "--json", ...process.argv.slice(2)]);
const { exitCode, text } = auditVerdict(output);
console.log(text);
process.exitCode = exitCode;
