import { parseJson } from "../process/json.mjs";
import { Fault } from "../process/fault.mjs";

/** @typedef {{ module_name: string, severity: string, title: string, patched_versions: string, url: string }} Advisory */
/** @typedef {{ advisories?: Record<string, Advisory>, error?: { message?: string } }} AuditReport */

/**
 * The result of `pnpm audit --json` as text.
 *
 * @param {string} output may contain warnings of npm before and after the JSON
 * @returns {{ exitCode: number, text: string }} 0: no known vulnerabilities, 1: some are known, 69: the registry gave no answer
 */
export function auditVerdict(output) {
  const report = reportIn(output);
  if (report?.advisories === undefined) {
    const reason = report?.error?.message ?? output.trim().split("\n").at(-1) ?? "";
    return { exitCode: Fault.UNAVAILABLE, text: `${NOT_AUDITED}\n${reason}` };
  }
  const lines = Object.values(report.advisories).map(
    ({ module_name: name, severity, title, patched_versions: fixed, url }) =>
      `${severity}: ${name}: ${title} (fixed in ${fixed}) ${url}`,
  );
  if (lines.length === 0) return { exitCode: 0, text: "No vulnerabilities are known in the production dependencies." };
  return { exitCode: 1, text: ["Vulnerabilities are known in the production dependencies:", ...lines].join("\n") };
}

const NOT_AUDITED =
  "NOT AUDITED: the registry did not answer the audit request; many mirrors and proxies do not support it. Try another network or another registry: npm run audit -- --registry=URL";

/**
 * @param {string} output
 * @returns {AuditReport | undefined}
 */
function reportIn(output) {
  try {
    return /** @type {AuditReport} */ (parseJson(/^\{.+^\}/ms.exec(output)?.[0] ?? ""));
  } catch {
    return undefined;
  }
}
