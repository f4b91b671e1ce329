import type { AlertSink } from "@ticktally/core";
import type { Logger } from "@ticktally/telemetry";

/** One log line for each alert that begins or ends, and for each day. */
export function logSink(logger: Logger): AlertSink {
  return {
    send: async (event) => {
      if (event.kind === "digest") {
        const { day, counts } = event;
        logger.info({ day, ...counts }, "daily digest");
        return Promise.resolve();
      }
      const { alert, phase, severity, of, at, summary, description, runbookUrl } = event;
      logger.warn({ alert, phase, severity, of, at, description, runbookUrl }, summary);
      return Promise.resolve();
    },
  };
}
