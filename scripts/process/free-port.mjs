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
 * A loopback port that is free now. Another program may take it before it is used, so callers must be able to retry.
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
