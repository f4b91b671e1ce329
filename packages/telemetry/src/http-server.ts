import { once } from "node:events";
import type { Server } from "node:http";
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

/** What was sent is no HTTP, or too slow or too long a header. Node's own answer has neither headers nor JSON. */
function refuseBrokenRequest(error: NodeJS.ErrnoException, socket: Socket): void {
  if (!socket.writable) {
    socket.destroy();
    return;
  }
  const headers = {
    ...SECURITY_HEADERS,
    "content-type": "application/json",
    "content-length": String(Buffer.byteLength(BROKEN)),
    connection: "close",
  };
  const lines = Object.entries(headers).map(([name, value]) => `${name}: ${value}\r\n`);
  socket.end(`HTTP/1.1 ${statusLine(error.code)}\r\n${lines.join("")}\r\n${BROKEN}`);
}

const BROKEN = `${JSON.stringify({
  success: false,
  error: { code: "bad_request", message: "The request is malformed." },
})}\n`;

function statusLine(code: string | undefined): string {
  switch (code) {
    case "HPE_HEADER_OVERFLOW":
      return "431 Request Header Fields Too Large";
    case "ERR_HTTP_REQUEST_TIMEOUT":
      return "408 Request Timeout";
    default:
      return "400 Bad Request";
  }
}
