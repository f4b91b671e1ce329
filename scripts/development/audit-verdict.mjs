import { parseJson } from "../process/json.mjs";
import { Fault } from "../process/fault.mjs";

/** @typedef {{ module_name: string, severity: string, title: string, patched_versions: string, url: string }} Advisory */
/** @typedef {{ advisories?: Record<string, Advisory>, error?: { message?: string } }} AuditReport */

/**
 * What `pnpm audit --json` found, for people.
 *
 * @param {string} output with whatever npm warned of before or after
 * @returns {{ exitCode: number, text: string }} 0: nothing is known, 1: something is, 69: no registry could be asked
 */
export function auditVerdict(output) {
  const report = reportIn(output);
  if (report?.advisories === undefined) {
    const reason = report?.error?.message ?? output.trim().split("\n").at(-1) ?? "";
    return { exitCode: Fault.UNAVAILABLE, text: `${UNASKED}\n${reason}` };
  }
  const lines = Object.values(report.advisories).map(
    ({ module_name: name, severity, title, patched_versions: mended, url }) =>
      `${severity}: ${name}: ${title} (mended in ${mended}) ${url}`,
  );
  if (lines.length === 0) return { exitCode: 0, text: "No weaknesses are known of what runs in production." };
  return { exitCode: 1, text: ["Weaknesses are known of what runs in production:", ...lines].join("\n") };
}

const UNASKED =
  "NOT AUDITED: the registry did not say what is known, as with many mirrors and proxies. Try from another network, or ask another registry: npm run audit -- --registry=URL";

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
