import { once } from "node:events";
import { createServer, get, type IncomingMessage, type ServerResponse } from "node:http";
import { afterAll, beforeAll, expect, it } from "vitest";
import { EventStream } from "../apps/api/src/events/event-stream.ts";
import { namedEvent } from "../apps/api/src/events/event-text.ts";
import { positionAt } from "../packages/redis/src/index.ts";
import { until } from "./support/until.ts";

const START = 1_790_000_000_000;
const streams: EventStream[] = [];
const responses: ServerResponse[] = [];
const server = createServer((_req, res) => {
  res.writeHead(200, { "content-type": "text/event-stream" });
  responses.push(res);
  const position = positionAt(START);
  streams.push(new EventStream({ sink: res, chosen: undefined, position, isMissed: false, now: START }));
});
beforeAll(async () => {
  await once(server.listen(0, "127.0.0.1"), "listening");
});
afterAll(() => {
  server.closeAllConnections();
  server.close();
});

async function connect(): Promise<IncomingMessage> {
  const address = server.address();
  const port = typeof address === "object" ? address?.port : 0;
  const [response] = (await once(get(`http://127.0.0.1:${String(port)}`), "response")) as [IncomingMessage];
  return response;
}

/** The changes of one second: the maximum number of instances in an event, with names of the maximum length. */
function changes(ms: number) {
  return Array.from({ length: 500 }, (_, i) => {
    const position = { ms, sequence: 0, instance: String(i), index: 0 };
    return namedEvent({ position, instance: String(i), transition: undefined }, `${"n".repeat(60)}${String(i)}`);
  });
}

it("a reader that reads nothing is disconnected, uses little memory until then, and does not delay another reader", async () => {
  // This reader never reads from its socket.
  const stalled = await connect();
  stalled.pause();
  stalled.on("error", () => undefined);
  const quick = await connect();
  let text = "";
  quick.setEncoding("utf8").on("data", (part: string) => (text += part));
  await until("both are connected", () => streams.length === 2);

  const [stuck, other] = responses;
  let seconds = 0;
  let unreadMax = 0;
  while (stuck?.destroyed !== true && seconds < 5_000) {
    seconds += 1;
    const now = START + seconds * 1_000;
    for (const stream of streams) {
      stream.take(changes(now), now);
      stream.tick(now);
    }
    unreadMax = Math.max(unreadMax, stuck?.writableLength ?? 0);
    await until("the other reader has read the event", () => other?.writableLength === 0);
  }
  expect(stuck?.destroyed).toBe(true);
  expect(unreadMax).toBeGreaterThan(256 * 1024);
  expect(unreadMax).toBeLessThan(320 * 1024);
  await until("the other reader has all events", () => text.split("event: counts").length - 1 === seconds);
  expect(text).not.toContain('"skipped":1');
});
