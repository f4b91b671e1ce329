import { connect } from "node:net";

/**
 * Sends commands to a loopback Redis over a plain socket and returns the raw replies (RESP2). It can check a server before any package is
 * installed; all other code uses packages/redis.
 *
 * @param {{ port: number, password: string }} server
 * @param {readonly (readonly string[])[]} commands
 * @returns {Promise<string>} the raw replies, starting with that of AUTH
 */
export async function askRedis({ port, password }, commands, timeoutMs = 2000) {
  return new Promise((resolve, reject) => {
    const socket = connect({ port, host: "127.0.0.1" });
    let replies = "";
    socket.setTimeout(timeoutMs, () => socket.destroy(new Error(`no answer within ${timeoutMs} ms`)));
    socket.setEncoding("utf8");
    socket.on("data", (/** @type {string} */ chunk) => (replies += chunk));
    socket.once("error", reject);
    socket.once("close", () => resolve(replies));
    // Redis closes the connection after QUIT. So the end of the replies is known without parsing them.
    socket.write([["AUTH", password], ...commands, ["QUIT"]].map(encode).join(""));
  });
}

/** @param {readonly string[]} command */
function encode(command) {
  return `*${command.length}\r\n${command.map((word) => `$${Buffer.byteLength(word)}\r\n${word}\r\n`).join("")}`;
}
