import { once } from "node:events";
import type { IncomingMessage, Server, ServerResponse } from "node:http";
import type { Socket } from "node:net";

/**
 * On every answer of every port. Nothing here is a page to be framed, run or kept; the one page there is (`/docs`) sets a
 * policy of its own. No `Referer` leaves, because some paths carry a token. There is no CORS header: other sites' scripts
 * may not read anything.
 */
export const SECURITY_HEADERS = {
  "cache-control": "no-store",
  "content-security-policy": "default-src 'none'; frame-ancestors 'none'",
  "cross-origin-resource-policy": "same-origin",
  "referrer-policy": "no-referrer",
  "x-content-type-options": "nosniff",
  "x-frame-options": "DENY",
} as const;

/** Slow senders must not hold every socket: Node's own are 60 s and 300 s, looked at every 30 s. */
export const SLOW_SENDERS = { headersTimeout: 10_000, requestTimeout: 30_000, connectionsCheckingInterval: 1_000 };

/**
 * Connections that may wait to be accepted; more than the system allows (Linux: 4,096) is cut to that. With Node's 511 some
 * were reset when thousands came at once.
 */
const BACKLOG = 4096;

/** @throws the port is taken, or is not ours to use */
export async function listen(server: Server, host: string, port: number): Promise<void> {
  server.on("clientError", refuseBrokenRequest);
  // `Expect` with anything but `100-continue`.
  server.on("checkExpectation", (_req: IncomingMessage, res: ServerResponse) => {
    res.writeHead(400, BROKEN_HEADERS).end(BROKEN);
  });
  server.listen({ port, host, backlog: BACKLOG });
  await once(server, "listening");
}

/** Take no more connections; those open close once they have answered. */
export async function stopHttpServer(server: Server): Promise<void> {
  const closed = once(server, "close");
  server.close();
  server.closeIdleConnections();
  await closed;
}

/** What was sent is no HTTP, or too slow or too long a header. Node's own answers are no JSON, and have codes of their own. */
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
