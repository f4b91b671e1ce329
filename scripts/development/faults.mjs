/**
 * `npm run test:faults` and `npm run test:soak`: inject faults into a running Ticktally while webhooks arrive, and check its guarantees. Options:
 * `--seed N` repeats a run, `--only NAME,NAME` selects faults, `--long` includes faults that take minutes; the soak test has `--minutes N`.
 */
import "../require-node.mjs";
import { spawn } from "node:child_process";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { findRedisServer } from "../redis/embedded-redis.mjs";
import { runMain } from "../process/fault.mjs";
import { PROJECT_ROOT, ensureBuilt, ensureInstalled } from "../workspace.mjs";

await runMain(async () => {
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: {
      seed: { type: "string" },
      only: { type: "string" },
      long: { type: "boolean", default: false },
      minutes: { type: "string", default: "5" },
    },
  });
  await ensureInstalled();
  await ensureBuilt();
  await findRedisServer({ dataDir: join(PROJECT_ROOT, ".ticktally"), onProgress: console.log });
  const env = {
    ...process.env,
    FAULTS_SEED: values.seed ?? String(Date.now() % 1_000_000),
    FAULTS_LONG: String(values.long),
    SOAK_MINUTES: values.minutes,
    ...(values.only === undefined ? {} : { FAULTS_ONLY: values.only }),
  };
  const vitest = join(PROJECT_ROOT, "node_modules", "vitest", "vitest.mjs");
  const args = ["run", "--config", join("tests", "faults", "vitest.config.ts"), positionals[0] ?? "campaign"];
  const child = spawn(process.execPath, [vitest, ...args], { cwd: PROJECT_ROOT, env, stdio: "inherit" });
  return new Promise((/** @type {(code: number) => void} */ done) => {
    child.once("error", () => done(127));
    child.once("exit", (code) => done(code ?? 130));
  });
});
