import { pino, type Logger } from "pino";

export type { Logger };

/** JSON lines on stdout. Each log line chooses its fields; the redacted paths below are a second safeguard. */
export function createLogger(service: string, level: string): Logger {
  // The reader of the log may disappear. That must neither end this process nor prevent it from exiting, which pino's own destination does
  // with a closed pipe.
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
 * Logs a repeated message at most once per interval, with the number of suppressed repeats: an outage repeats an error thousands of times.
 * The returned function takes the number of occurrences, if more than one.
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
