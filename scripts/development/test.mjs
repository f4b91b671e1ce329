/**
 * `npm test`: runs all tests with a real Redis, on a machine with nothing but Node and npm. Extra arguments are passed to vitest
 * (`npm test -- packages/core`). The last line is always `N passed, N failed`.
 */
import "../require-node.mjs";
import { spawn } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { findRedisServer } from "../redis/embedded-redis.mjs";
import { runMain } from "../process/fault.mjs";
import { parseJson } from "../process/json.mjs";
import { PROJECT_ROOT, ensureBuilt, ensureInstalled } from "../workspace.mjs";

await runMain(async () => {
  let passed = 0;
  let failed = 1;
  try {
    await ensureInstalled();
    await ensureBuilt();
    await findRedisServer({ dataDir: join(PROJECT_ROOT, ".ticktally"), onProgress: console.log });
    ({ passed, failed } = await runVitest(process.argv.slice(2)));
  } catch (error) {
    console.error(error instanceof Error ? error.message : error);
  }
  console.log(`${passed} passed, ${failed} failed`);
  return failed === 0 ? 0 : 1;
});

/** @param {readonly string[]} args */
async function runVitest(args) {
  const folder = mkdtempSync(join(tmpdir(), "ticktally-test-"));
  const report = join(folder, "report.json");
  const vitest = join(PROJECT_ROOT, "node_modules", "vitest", "vitest.mjs");
  const reporters = ["--reporter=default", "--reporter=json", `--outputFile.json=${report}`];
  try {
    const child = spawn(process.execPath, [vitest, "run", ...reporters, ...args], {
      cwd: PROJECT_ROOT,
      stdio: "inherit",
    });
    const exitCode = await new Promise((/** @type {(code: number) => void} */ done) => {
      child.once("error", () => done(127));
      child.once("exit", (code) => done(code ?? 130));
    });
    return tally(/** @type {VitestReport} */ (parseJson(readFileSync(report, "utf8"))), exitCode);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** @typedef {{ status: string, assertionResults: { status: string }[] }} VitestFile */
/** @typedef {{ numPassedTests: number, numFailedTests: number, testResults: VitestFile[] }} VitestReport */

/**
 * @param {VitestReport} report
 * @param {number} exitCode
 */
function tally(report, exitCode) {
  // A file that does not load, or whose setup throws, fails without a failed test.
  const brokenFiles = report.testResults.filter(
    ({ status, assertionResults }) => status === "failed" && !assertionResults.some((test) => test.status === "failed"),
  );
  const failed = report.numFailedTests + brokenFiles.length;
  // If no tests ran, or an error occurred outside of a test, only the exit code shows it.
  const silent = failed === 0 && (exitCode !== 0 || report.numPassedTests === 0);
  return { passed: report.numPassedTests, failed: silent ? 1 : failed };
}
