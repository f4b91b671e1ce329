// `npm run audit`: known vulnerabilities of the production dependencies. Exit code 0: none, 1: some, 69: the registry gave no answer.
import "../require-node.mjs";
import { auditVerdict } from "./audit-verdict.mjs";
import { pnpmOutput } from "../workspace.mjs";

const { output } = await pnpmOutput(["audit", "--prod", "--json", ...process.argv.slice(2)]);
const { exitCode, text } = auditVerdict(output);
console.log(text);
process.exitCode = exitCode;
