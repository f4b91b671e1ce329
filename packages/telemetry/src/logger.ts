import { pino, type Logger } from "pino";

export type { Logger };

/** JSON lines on stdout. What is logged is chosen line by line; the paths below are a net under that. */
export function createLogger(service: string, level: string): Logger {
  // The reader of the log may go away; that must neither end this process nor keep it from ending, as it does with
  // pino's own way of writing to a closed pipe.
  process.stdout.on("error", () => undefined);
  const redact = [
    "token",
    "authorization",
    "*.token",
    "*.authorization",
    "*.password",
    "err.command",
    "err.cause.command",
  ];
  return pino({ level, base: { service }, redact }, process.stdout);
}

/**
 * Says the same thing at most once in a while, with how often it was left unsaid: an outage repeats an error thousands of
 * times. What is returned takes how many met the error, if more than one did.
 */
export function logThrottled(
  logger: Logger,
  message: string,
  now: () => number,
  everyMs = 10_000,
): (error: Error, times?: number) => void {
  let quietUntil = 0;
  let unsaid = 0;
  return (error, times = 1) => {
    unsaid += times;
    if (now() < quietUntil) return;
    logger.warn({ reason: error.message, times: unsaid }, message);
    quietUntil = now() + everyMs;
    unsaid = 0;
  };
}
