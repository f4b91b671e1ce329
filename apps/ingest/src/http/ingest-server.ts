import { createServer, type Server } from "node:http";
import type { Gateway } from "@ticktally/gateways";
import { listen, SLOW_SENDERS } from "@ticktally/telemetry";
import { ingestListener } from "./ingest-listener.ts";
import type { WebhookIntake } from "../intake/webhook-intake.ts";

/** @throws if the port is in use */
export async function startIngestServer(
  intake: WebhookIntake,
  gateways: readonly Gateway[],
  host: string,
  port: number,
): Promise<Server> {
  const server = createServer(TIMEOUTS, ingestListener(intake, gateways));
  await listen(server, host, port);
  return server;
}

const TIMEOUTS = {
  // A 5 MiB body still fits at 200 kB/s.
  ...SLOW_SENDERS,
  // Longer than the gateway's pause of 60 s between attempts, so its connection stays open.
  keepAliveTimeout: 75_000,
};
