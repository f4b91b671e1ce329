/** One line of a process's log. */
export type LogLine = Readonly<Record<string, unknown>> & { readonly level: number; readonly msg: string };

/** pino's numbers. */
export const [DEBUG, INFO] = [20, 30];

/** What a process logged, as it wrote it. */
export function logLines(output: string): readonly LogLine[] {
  return output
    .split("\n")
    .filter((line) => line.startsWith("{"))
    .map((line) => JSON.parse(line) as LogLine);
}
