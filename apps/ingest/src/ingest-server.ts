import { once } from "node:events";
import type { Server } from "node:http";
import type { Socket } from "node:net";
import type { Express } from "express";
import { ANSWERS } from "./answers.ts";
import { alignedServer } from "./aligned-server.ts";

/** Listen for webhooks. @throws the port is taken */
export async function startIngestServer(app: Express, host: string, port: number): Promise<Server> {
  const server = alignedServer(app);
  server.on("clientError", onClientError);
  server.listen(port, host);
  await once(server, "listening");
  return server;
}

/** Take no more connections; those open close as they answer. */
export async function stopIngestServer(server: Server): Promise<void> {
  const closed = once(server, "close");
  server.close();
  server.closeIdleConnections();
  await closed;
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
