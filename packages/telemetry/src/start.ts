import type { Logger } from "./logger.ts";

/** Exit code of a process whose settings cannot be used: starting it again would not help (sysexits.h, EX_CONFIG). */
const EXIT_CONFIGURATION = 78;

/** Run a process's wiring. What keeps it from starting is reported in one message, without a stack, and ends it. */
export async function start(wire: () => Promise<void>): Promise<void> {
  try {
    await wire();
  } catch (error) {
    const { name, message, code } = describe(error);
    const busy = code === "EADDRINUSE" ? "\nAnother program uses this port; choose one with the *_PORT variables." : "";
    process.stderr.write(`${message}${busy}\n`);
    process.exit(name === "EnvironmentError" ? EXIT_CONFIGURATION : 1);
  }
}

/** Ends a process that can do no more; its supervisor starts it again. */
export function endProcess(logger: Logger): (error: Error) => void {
  return (error) => {
    logger.fatal({ reason: error.message }, "this process cannot continue and ends, to be restarted");
    process.exit(1);
  };
}

function describe(error: unknown): { name: string; message: string; code: unknown } {
  if (!(error instanceof Error)) return { name: "", message: String(error), code: undefined };
  return { name: error.name, message: error.message, code: "code" in error ? error.code : undefined };
}
