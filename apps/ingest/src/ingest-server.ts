import type { Server } from "node:http";
import { listen } from "@ticktally/telemetry";
import type { Express } from "express";
import { alignedServer } from "./aligned-server.ts";

/** @throws the port is taken */
export async function startIngestServer(app: Express, host: string, port: number): Promise<Server> {
  const server = alignedServer(app);
  await listen(server, host, port);
  return server;
}
