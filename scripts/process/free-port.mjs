import { createServer } from "node:net";

/**
 * Whether a TCP port can be listened on: "free", or the system's error code (EADDRINUSE, EACCES, EADDRNOTAVAIL …).
 *
 * @param {number} port
 * @param {string} host
 * @returns {Promise<string>}
 */
export async function probePort(port, host) {
  return new Promise((resolve) => {
    const server = createServer();
    server.once("error", (error) => resolve(/** @type {NodeJS.ErrnoException} */ (error).code ?? "UNKNOWN"));
    server.listen({ port, host }, () => server.close(() => resolve("free")));
  });
}

/**
 * A loopback port that is free right now. It may be taken before it is used: be ready to ask again.
 *
 * @returns {Promise<number>}
 */
export async function freeLoopbackPort() {
  return new Promise((resolve, reject) => {
    const server = createServer();
    server.once("error", reject);
    server.listen({ port: 0, host: "127.0.0.1" }, () => {
      const address = server.address();
      const port = typeof address === "object" && address !== null ? address.port : 0;
      server.close(() => resolve(port));
    });
  });
}
