import { once } from "node:events";
import type { Server } from "node:http";

/** @throws the port is taken, or is not ours to use */
export async function listen(server: Server, host: string, port: number): Promise<void> {
  server.listen(port, host);
  await once(server, "listening");
}

/** Take no more connections; those open close once they have answered. */
export async function stopHttpServer(server: Server): Promise<void> {
  const closed = once(server, "close");
  server.close();
  server.closeIdleConnections();
  await closed;
}
