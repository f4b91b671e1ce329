// `npm run simulate -- --hours 6 --check`: simulated traffic for a running Ticktally. See docs/testing/simulator.md.
import "./require-node.mjs";
import { spawn } from "node:child_process";
import { existsSync } from "node:fs";
import { join } from "node:path";
import { runMain } from "./process/fault.mjs";
import { withSecretFiles } from "./start/secret-files.mjs";
import { reachableHost, readSettings } from "./start/start-settings.mjs";
import { simulatorProgram } from "./start/simulator-program.mjs";
import { resolveTokens } from "./start/tokens.mjs";
import { ensureBuilt, ensureInstalled } from "./workspace.mjs";

await runMain(async () => {
  const env = withSecretFiles(process.env);
  const { dataDir, host, ports } = readSettings(env);
  await ensureInstalled();
  await ensureBuilt();
  const origin = `http://${reachableHost(host)}`;
  // The default is the Ticktally that `npm start` runs here.
  const kept = existsSync(join(dataDir, "tokens.json")) ? resolveTokens(dataDir, env) : undefined;
  const here = {
    TICKTALLY_URL: `${origin}:${ports.API_PORT}`,
    TICKTALLY_INGEST_URL: `${origin}:${ports.INGEST_PORT}`,
    ...(kept === undefined
      ? {}
      : { TICKTALLY_ACCOUNT_TOKEN: kept.accountToken, TICKTALLY_WEBHOOK_TOKEN: kept.webhookToken }),
  };
  const child = spawn(process.execPath, [simulatorProgram("simulate"), ...process.argv.slice(2)], {
    env: { ...here, ...env },
    stdio: "inherit",
  });
  return new Promise((done, fail) => {
    child.once("error", fail);
    child.once("exit", (code) => done(code ?? 1));
  });
});
