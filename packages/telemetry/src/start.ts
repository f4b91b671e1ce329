import type { Logger } from "./logger.ts";

/** Exit code for invalid settings: restarting would not help (sysexits.h, EX_CONFIG). */
const EXIT_CONFIGURATION = 78;

/** Run a process's wiring. If it cannot start, it logs one message without a stack and exits. */
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

/** Exit a process that cannot continue. Its supervisor starts it again. */
export function endProcess(logger: Logger): (error: Error) => void {
  return (error) => {
    logger.fatal({ reason: error.message }, "this process cannot continue and exits, to be restarted");
    process.exit(1);
  };
}

function describe(error: unknown): { name: string; message: string; code: unknown } {
  if (!(error instanceof Error)) return { name: "", message: String(error), code: undefined };
  return { name: error.name, message: error.message, code: "code" in error ? error.code : undefined };
}
