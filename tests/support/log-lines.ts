import type { System } from "../system.ts";
import type { App } from "./app-process.ts";

/** One line of a process's log. */
export type LogLine = Readonly<Record<string, unknown>> & { readonly level: number; readonly msg: string };

const APPS = ["ingest", "worker", "api"] as const;

/** pino's numbers of the levels. */
export const [DEBUG, INFO] = [20, 30];

/** The log lines in the output of a process. */
export function logLines(output: string): readonly LogLine[] {
  return output
    .split("\n")
    .filter((line) => line.startsWith("{"))
    .map((line) => JSON.parse(line) as LogLine);
}

/** @returns what an app of a system has written since this call: test files share a system */
export function outputFromNowOn(system: System): (app: App) => string {
  const before = new Map<App, number>(APPS.map((app) => [app, system.output(app).length]));
  return (app) => system.output(app).slice(before.get(app));
}
