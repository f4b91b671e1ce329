// Runs the pinned pnpm with the given arguments, so that a machine with only Node and npm needs nothing else.
import "./require-node.mjs";
import { runPnpm } from "./workspace.mjs";

process.exitCode = await runPnpm(process.argv.slice(2));
