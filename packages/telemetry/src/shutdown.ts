import type { Logger } from "./logger.ts";

/**
 * On SIGTERM or SIGINT run the steps in order, then exit 0. Together they have `budgetMs`. After that, or at a second signal, the process
 * exits anyway: work in progress is repeated from the queue.
 */
export function onShutdown(logger: Logger, budgetMs: number, steps: readonly (() => unknown)[]): void {
  let stopping = false;
  const stop = async (signal: string) => {
    if (stopping) process.exit(1);
    stopping = true;
    logger.info({ signal }, "stopping");
    setTimeout(() => {
      logger.warn({ budgetMs }, "exiting before everything was finished");
      process.exit(0);
    }, budgetMs).unref();
    for (const step of steps) {
      try {
        await step();
      } catch (error) {
        logger.warn({ reason: error instanceof Error ? error.message : "unknown" }, "a shutdown step failed");
      }
    }
    logger.info("stopped");
    process.exit(0);
  };
  for (const signal of ["SIGTERM", "SIGINT"] as const) process.on(signal, () => void stop(signal));
}
