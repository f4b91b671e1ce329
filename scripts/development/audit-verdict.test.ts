import { expect, it } from "vitest";
import { auditVerdict } from "./audit-verdict.mjs";

const WARNING = "npm warn Unknown user config\n";
const json = (report: object) => `${WARNING}${JSON.stringify(report, undefined, 2)}\n${WARNING}`;

it("reports that no vulnerabilities are known, with exit code 0", () => {
  expect(auditVerdict(json({ actions: [], advisories: {}, metadata: {} }))).toEqual({
    exitCode: 0,
    text: "No vulnerabilities are known in the production dependencies.",
  });
});

it("names each known vulnerability and the version that fixes it", () => {
  const advisory = {
    module_name: "ws",
    severity: "high",
    title: "DoS",
    patched_versions: ">=8.17.1",
    url: "https://x",
  };
  const { exitCode, text } = auditVerdict(json({ advisories: { 1: advisory } }));
  expect(exitCode).toBe(1);
  expect(text).toContain("high: ws: DoS (fixed in >=8.17.1) https://x");
  expect(text).not.toContain("npm warn");
});

it.each([
  [
    "refused",
    json({ error: { code: "ERR", message: "The endpoint (at https://mirror/audits) responded with 405" } }),
    "405",
  ],
  ["gave no JSON", `${WARNING}getaddrinfo ENOTFOUND mirror`, "ENOTFOUND mirror"],
  ["broke off", `${WARNING}{\n  "advisories": {\n}`, "}"],
  ["said nothing", "", ""],
])("reports a registry that %s as not audited, with advice", (_, output, reason) => {
  const { exitCode, text } = auditVerdict(output);
  expect(exitCode).toBe(69);
  expect(text).toMatch(/^NOT AUDITED: .*npm run audit -- --registry=/);
  expect(text.endsWith(reason)).toBe(true);
});
