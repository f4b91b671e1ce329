// A load generator with little overhead: raw sockets, requests made in advance, one in flight on each connection.
import { connect } from "node:net";

/** `latenciesMs` is in ascending order. */
export interface Load {
  posted: number;
  accepted: number;
  refused: number;
  seconds: number;
  cpuSeconds: number;
  latenciesMs: Float64Array;
}
export interface WebhookEndpoint {
  port: number;
  path: string;
  token: string;
}

/** Requests for {@link post}. */
export function requestsOf({ port, path, token }: WebhookEndpoint, bodies: readonly string[]) {
  const head = `POST ${path} HTTP/1.1\r\nhost: 127.0.0.1:${port}\r\nauthorization: Bearer ${token}\r\ncontent-type: application/json\r\n`;
  return bodies.map((body) => Buffer.from(`${head}content-length: ${Buffer.byteLength(body)}\r\n\r\n${body}`));
}

/**
 * Send the requests in order, each once, over some connections. A connection sends its next request when the last one is answered.
 *
 * @param options.intervalMs time between two requests, over all connections; the rate is fixed as long as enough connections are free
 * @param options.seconds no request is started after this time; the rest is not sent
 */
export async function post({
  port,
  requests,
  connections,
  intervalMs,
  seconds: lasts = Infinity,
}: {
  port: number;
  requests: readonly Buffer[];
  connections: number;
  intervalMs?: number;
  seconds?: number;
}): Promise<Load> {
  const latenciesMs = new Float64Array(requests.length);
  const answers = new AnswerReader();
  let [next, accepted, refused] = [0, 0, 0];
  const [startedAt, cpuBefore] = [performance.now(), process.cpuUsage()];
  const run = async (): Promise<undefined> =>
    new Promise((resolve, reject) => {
      const socket = connect(port, "127.0.0.1");
      let [index, sentAt, early] = [-1, 0, Buffer.alloc(0)];
      const send = () => {
        const request = requests[next];
        if (request === undefined || performance.now() - startedAt > lasts * 1000) {
          index = -1;
          socket.end();
          resolve(undefined);
          return;
        }
        index = next++;
        const waitMs = intervalMs === undefined ? 0 : startedAt + index * intervalMs - performance.now();
        if (waitMs <= 0) sendNow(request);
        else setTimeout(sendNow, waitMs, request);
      };
      const sendNow = (request: Buffer) => {
        sentAt = performance.now();
        socket.write(request);
      };
      socket.setNoDelay(true);
      socket.on("connect", send);
      socket.on("error", reject);
      socket.on("close", () => (index === -1 ? resolve(undefined) : reject(new Error("a connection was closed"))));
      socket.on("data", (chunk) => {
        const answer = early.length === 0 ? chunk : Buffer.concat([early, chunk]);
        if (!answers.isComplete(answer)) {
          early = answer;
          return;
        }
        early = Buffer.alloc(0);
        latenciesMs[index] = performance.now() - sentAt;
        if (isOk(answer)) accepted += 1;
        else refused += 1;
        send();
      });
    });
  await Promise.all(Array.from({ length: connections }, run));
  const { user, system } = process.cpuUsage(cpuBefore);
  const seconds = (performance.now() - startedAt) / 1000;
  const latencies = latenciesMs.subarray(0, next).sort();
  return { posted: next, accepted, refused, seconds, cpuSeconds: (user + system) / 1e6, latenciesMs: latencies };
}

/** Detects complete answers. Answers to the same kind of request have the same length, so headers are rarely parsed. */
export class AnswerReader {
  #usualBytes = -1;

  isComplete(answer: Buffer) {
    if (answer.length === this.#usualBytes && isOk(answer)) return true;
    const end = answer.indexOf("\r\n\r\n");
    if (end === -1) return false;
    const length = /content-length: (\d+)/i.exec(answer.toString("latin1", 0, end))?.[1];
    if (answer.length < end + 4 + Number(length ?? 0)) return false;
    if (isOk(answer)) this.#usualBytes = answer.length;
    return true;
  }
}

/** "HTTP/1.1 200" */
export function isOk(answer: Buffer) {
  return answer[9] === 0x32 && answer[10] === 0x30 && answer[11] === 0x30;
}
