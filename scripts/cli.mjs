// `npm run export`, `npm run import`, `npm run doctor` and `npm run upgrade`: see docs/backup.md, docs/settings.md and docs/upgrading.md.
import "./require-node.mjs";
import { spawn } from "node:child_process";
import { existsSync } from "node:fs";
import { join } from "node:path";
import { runningRedisUrl, startRedis } from "./redis/embedded-redis.mjs";
import { Fault, runMain } from "./process/fault.mjs";
import { withSecretFiles } from "./start/secret-files.mjs";
import { readSettings } from "./start/start-settings.mjs";
import { PROJECT_ROOT, ensureBuilt, ensureInstalled } from "./workspace.mjs";

const [command, ...options] = process.argv.slice(2);

// stdout is reserved for the command's output, such as an export.
console.log = console.error;

// The command uses the Redis of `npm start`: the one at REDIS_URL, or the embedded one, which is started for the command if it is not running.
await runMain(async () => {
  const env = withSecretFiles(process.env);
  const { dataDir, redisUrl, durability, redisMemoryMax: memoryMax } = readSettings(env);
  await ensureInstalled();
  await ensureBuilt();
  if (redisUrl !== undefined) return run(env);
  const dir = join(dataDir, "redis");
  if (command === "export" && !existsSync(dir)) {
    throw new Fault(`There is nothing in ${dataDir}: set REDIS_URL or TICKTALLY_DATA_DIR.`, Fault.UNAVAILABLE);
  }
  const running = await runningRedisUrl(dir);
  if (running !== undefined) return run({ ...env, REDIS_URL: running });
  const own = await startRedis({ dir, durability, memoryMax, ownProcessGroup: true });
  try {
    return await run({ ...env, REDIS_URL: own.url });
  } finally {
    await own.stop();
  }
});

/**
 * @param {NodeJS.ProcessEnv} env
 * @returns {Promise<number>} the exit code of the command
 */
async function run(env) {
  const entry = join(PROJECT_ROOT, "apps", "cli", "dist", "main.js");
  return new Promise((done, fail) => {
    const child = spawn(process.execPath, [entry, command ?? "", ...options], { env, stdio: "inherit" });
    child.once("error", fail);
    child.once("exit", (code) => done(code ?? 1));
  });
}
