import type { Telemetry } from "bullmq";

/** What BullMQ's queues and workers need to carry a trace in their jobs. The library is loaded when this is called. */
export async function queueTracing(): Promise<Telemetry> {
  const { BullMQOtel } = await import("bullmq-otel");
  return new BullMQOtel({ tracerName: "bullmq" });
}
