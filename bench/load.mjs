// A load generator that costs little beside what it measures: raw sockets, requests made beforehand, one in flight each.
import { connect } from "node:net";

/**
 * Post every body once, over so many connections; each sends its next when the last was answered.
 * @param {{ port: number, path: string, token: string, bodies: readonly string[], connections: number }} options
 * @returns {Promise<{ accepted: number, refused: number, seconds: number, latenciesMs: Float64Array }>} latencies ascending
 */
export async function post({ port, path, token, bodies, connections }) {
  const head = `POST ${path} HTTP/1.1\r\nhost: 127.0.0.1:${port}\r\nauthorization: Bearer ${token}\r\ncontent-type: application/json\r\n`;
  const requests = bodies.map((body) =>
    Buffer.from(`${head}content-length: ${Buffer.byteLength(body)}\r\n\r\n${body}`),
  );
  const latenciesMs = new Float64Array(bodies.length);
  let [next, accepted, refused] = [0, 0, 0];
  const startedAt = performance.now();
  /** @returns {Promise<undefined>} */
  const run = async () =>
    new Promise((resolve, reject) => {
      const socket = connect(port, "127.0.0.1");
      let [index, sentAt, answer] = [-1, 0, ""];
      const send = () => {
        index = next++;
        const request = requests[index];
        if (request === undefined) {
          socket.end();
          resolve(undefined);
          return;
        }
        sentAt = performance.now();
        socket.write(request);
      };
      socket.setNoDelay(true);
      socket.on("connect", send);
      socket.on("error", reject);
      socket.on("data", (chunk) => {
        answer += chunk.toString("latin1");
        if (!isWhole(answer)) return;
        latenciesMs[index] = performance.now() - sentAt;
        if (answer.startsWith("HTTP/1.1 200")) accepted += 1;
        else refused += 1;
        answer = "";
        send();
      });
    });
  await Promise.all(Array.from({ length: connections }, run));
  return { accepted, refused, seconds: (performance.now() - startedAt) / 1000, latenciesMs: latenciesMs.sort() };
}

/** @param {string} answer */
function isWhole(answer) {
  const end = answer.indexOf("\r\n\r\n");
  if (end === -1) return false;
  const length = /content-length: (\d+)/i.exec(answer)?.[1];
  return answer.length >= end + 4 + Number(length ?? 0);
}
