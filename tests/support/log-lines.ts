/** One line of a process's log. */
export type LogLine = Readonly<Record<string, unknown>> & { readonly level: number; readonly msg: string };

/** pino's numbers of the levels. */
export const [DEBUG, INFO] = [20, 30];

/** The log lines in the output of a process. */
export function logLines(output: string): readonly LogLine[] {
  return output
    .split("\n")
    .filter((line) => line.startsWith("{"))
    .map((line) => JSON.parse(line) as LogLine);
}
