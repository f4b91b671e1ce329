/**
 * The output of the apps: everything is written to one log file for each app, and warnings are formatted for the terminal.
 */
import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { parseJson } from "../process/json.mjs";
import { openRotatingFile } from "./rotating-file.mjs";

/** pino's numbers, https://getpino.io/#/docs/api?id=loggerlevels-object */
const LEVELS = new Map([
  [40, "warn"],
  [50, "error"],
  [60, "fatal"],
]);
const LEVEL_SHOWN_MIN = 40;

/** @typedef {ReturnType<typeof openAppOutput>} AppOutput */

/**
 * @param {string} name
 * @param {string} logFolder
 * @param {{ raw: boolean, print: (line: string) => void }} terminal `raw` prints every line unchanged
 */
export function openAppOutput(name, logFolder, { raw, print }) {
  mkdirSync(logFolder, { recursive: true, mode: 0o700 });
  const file = openRotatingFile(join(logFolder, `${name}.log`));
  return {
    /** @param {string} line from stdout, where the apps log */
    log: (line) => {
      file.write(`${line}\n`);
      const shown = raw ? line : formatForTerminal(name, line);
      if (shown !== undefined) print(shown);
    },
    /** @param {string} line from stderr: a crash, or a warning of Node. It is logged, but not shown */
    keep: (line) => file.write(`${line}\n`),
    close: () => file.close(),
  };
}

/**
 * @param {string} name
 * @param {string} line a line of the app's stdout
 * @returns {string | undefined} undefined below the level of a warning
 */
export function formatForTerminal(name, line) {
  const entry = parse(line);
  // The line is not from the logger, so its level is unknown.
  if (entry === undefined) return `[${name}] ${line}`;
  const level = Number(entry["level"]);
  if (level < LEVEL_SHOWN_MIN) return undefined;
  const error = entry["err"] ?? entry["error"];
  const reason = typeof error === "object" && error !== null && "message" in error ? error.message : error;
  const parts = [entry["msg"], reason].filter((part) => typeof part === "string" && part !== "");
  return `[${name}] ${LEVELS.get(level) ?? level} ${[...new Set(parts)].join(": ")}`;
}

/**
 * @param {string} line
 * @returns {Record<string, unknown> | undefined}
 */
function parse(line) {
  if (!line.startsWith("{")) return undefined;
  try {
    const value = /** @type {Record<string, unknown>} */ (parseJson(line));
    return typeof value["level"] === "number" ? value : undefined;
  } catch {
    return undefined;
  }
}
