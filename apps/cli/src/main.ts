import { exportInstances } from "./backup/export.ts";
import { importInstances } from "./backup/import.ts";
import type { Command } from "./command.ts";
import { doctor } from "./doctor.ts";
import { upgrade } from "./upgrade.ts";

/** `main.js COMMAND [OPTION …]`: commands that people run on Redis besides the processes. */
const COMMANDS: Readonly<Record<string, Command>> = {
  export: exportInstances,
  import: importInstances,
  doctor,
  upgrade,
};

const [name = "", ...args] = process.argv.slice(2);
const command = Object.hasOwn(COMMANDS, name) ? COMMANDS[name] : undefined;
if (command === undefined) {
  process.stderr.write(`Give one of these commands: ${Object.keys(COMMANDS).join(", ")}.\n`);
  process.exitCode = 64;
} else {
  process.exitCode = await command({ args, variables: process.env, now: Date.now });
}
