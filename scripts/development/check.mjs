// `npm run check`: all static checks of the code. The exit code is the number of failed checks.
import "../require-node.mjs";
import { join } from "node:path";
import { runMain } from "../process/fault.mjs";
import { runCommand } from "../process/run-command.mjs";
import { PROJECT_ROOT, ensureInstalled } from "../workspace.mjs";

const CHECKS = [["prettier", "--check", "."], ["eslint", "."], ["tsc", "-p", "tsconfig.json"], ["knip"]];

await runMain(async () => {
  await ensureInstalled();
  const results = await Promise.all(
    CHECKS.map(async ([tool = "", ...args]) => {
      const result = await runCommand(join(PROJECT_ROOT, "node_modules", ".bin", tool), args, { cwd: PROJECT_ROOT });
      return { tool, ...result };
    }),
  );
  const failed = results.filter(({ exitCode }) => exitCode !== 0);
  for (const { tool, output } of failed) console.log(`--- ${tool}\n${output.trim()}\n`);
  console.log(results.map(({ tool, exitCode }) => `${tool} ${exitCode === 0 ? "passed" : "FAILED"}`).join(", "));
  return failed.length;
});
