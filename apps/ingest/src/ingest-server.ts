import type { Server } from "node:http";
import type { Socket } from "node:net";
import { listen } from "@ticktally/telemetry";
import type { Express } from "express";
import { ANSWERS } from "./answers.ts";
import { alignedServer } from "./aligned-server.ts";

/** @throws the port is taken */
export async function startIngestServer(app: Express, host: string, port: number): Promise<Server> {
  const server = alignedServer(app);
  server.on("clientError", onClientError);
  await listen(server, host, port);
  return server;
}

/** What was sent is no HTTP, or too slow or too long a header. */
function onClientError(error: NodeJS.ErrnoException, socket: Socket): void {
  if (!socket.writable) return;
  const { body } = ANSWERS.badRequest;
  const status =
    error.code === "HPE_HEADER_OVERFLOW"
      ? "431 Request Header Fields Too Large"
      : error.code === "ERR_HTTP_REQUEST_TIMEOUT"
        ? "408 Request Timeout"
        : "400 Bad Request";
  const head = `HTTP/1.1 ${status}\r\ncontent-type: application/json\r\nconnection: close\r\ncontent-length: `;
  socket.end(`${head}${String(Buffer.byteLength(body))}\r\n\r\n${body}`);
}
