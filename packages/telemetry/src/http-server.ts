import { once } from "node:events";
import type { IncomingMessage, Server, ServerResponse } from "node:http";
import type { Socket } from "node:net";

/**
 * Headers of every answer on every port. Answers may not be framed, run or cached; the only page (`/docs`) sets its own policy. No
 * `Referer` is sent, because some paths contain a token. There is no CORS header: scripts of other sites may not read anything.
 */
export const SECURITY_HEADERS = {
  "cache-control": "no-store",
  "content-security-policy": "default-src 'none'; frame-ancestors 'none'",
  "cross-origin-resource-policy": "same-origin",
  "referrer-policy": "no-referrer",
  "x-content-type-options": "nosniff",
  "x-frame-options": "DENY",
} as const;

/** Slow senders must not occupy every socket. Node's defaults are 60 s and 300 s, checked every 30 s. */
export const SLOW_SENDERS = { headersTimeout: 10_000, requestTimeout: 30_000, connectionsCheckingInterval: 1_000 };

/**
 * Connections that may wait to be accepted; the system (Linux: 4,096) may lower it. With Node's 511 some were reset when thousands came at
 * once.
 */
const BACKLOG = 4096;

/** @throws if the port is in use or not permitted */
export async function listen(server: Server, host: string, port: number): Promise<void> {
  server.on("clientError", refuseBrokenRequest);
  // An `Expect` header other than `100-continue`.
  server.on("checkExpectation", (_req: IncomingMessage, res: ServerResponse) => {
    res.writeHead(400, BROKEN_HEADERS).end(BROKEN);
  });
  server.listen({ port, host, backlog: BACKLOG });
  await once(server, "listening");
}

/** Accept no more connections. Open ones close after their answer. */
export async function stopHttpServer(server: Server): Promise<void> {
  const closed = once(server, "close");
  server.close();
  server.closeIdleConnections();
  await closed;
}

/** The request is not HTTP, or its headers are too slow or too long. Node's own answers are not JSON and use other codes. */
function refuseBrokenRequest(_error: Error, socket: Socket): void {
  if (!socket.writable) {
    socket.destroy();
    return;
  }
  const lines = Object.entries(BROKEN_HEADERS).map(([name, value]) => `${name}: ${value}\r\n`);
  socket.end(`HTTP/1.1 400 Bad Request\r\n${lines.join("")}\r\n${BROKEN}`);
}

const BROKEN = `${JSON.stringify({
  success: false,
  error: { code: "bad_request", message: "The request is malformed." },
})}\n`;

const BROKEN_HEADERS = {
  ...SECURITY_HEADERS,
  "content-type": "application/json",
  "content-length": String(Buffer.byteLength(BROKEN)),
  connection: "close",
};
