import { createServer, type AddressInfo, type Server, type Socket } from "node:net";
import { once } from "node:events";
import { OutboundNetworks } from "@ticktally/schemas";
import type { Agent } from "undici";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { postingAgent, postTo, type PostOutcome } from "./post-to.ts";

let agent: Agent;
let server: Server;
let sockets: Socket[] = [];
/** The number of bytes written so far, over all connections. */
let written = 0;

beforeEach(() => {
  [agent, sockets, written] = [postingAgent(new OutboundNetworks(["127.0.0.0/8"])), [], 0];
});
afterEach(async () => {
  await agent.destroy();
  for (const socket of sockets) socket.destroy();
  server.close();
  await once(server, "close");
});

/** A receiver that writes raw data as soon as a request arrives. */
async function receiving(answer: (socket: Socket) => void): Promise<string> {
  server = createServer((socket) => {
    sockets.push(socket);
    socket.on("error", () => undefined);
    socket.once("data", () => answer(socket));
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  return `http://127.0.0.1:${String((server.address() as AddressInfo).port)}/`;
}

/** Write as much as the client accepts, until it closes the connection. */
function flood(socket: Socket, text: string): void {
  const piece = Buffer.from(text.repeat(Math.ceil(65_536 / text.length)));
  const more = () => {
    while (!socket.destroyed && socket.write(piece)) written += piece.length;
    written += piece.length;
  };
  socket.on("drain", more);
  more();
}

async function post(url: string, timeoutMs = 3_000): Promise<PostOutcome> {
  return postTo(agent, { url, headers: { "content-type": "application/json" }, body: Buffer.from("{}"), timeoutMs });
}

const hungUp = async () => {
  const [socket] = sockets;
  if (socket !== undefined && !socket.destroyed) await new Promise((resolve) => socket.once("close", resolve));
};

describe("the connection to a receiver is closed", () => {
  it.each([
    ["if its answer never ends", "HTTP/1.1 200 OK\r\ncontent-length: 1000000000000\r\n\r\n", "x", 200],
    ["if its answer has no length and no end", "HTTP/1.1 200 OK\r\n\r\n", "x", 200],
    ["if its chunks never end", "HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n", "1\r\nx\r\n", 200],
    [
      "if the name of a chunk extension never ends",
      "HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n1;",
      "x",
      200,
    ],
    ["if its headers never end", "HTTP/1.1 200 OK\r\n", "x-more: and more\r\n", "other"],
    ["if a header never ends", "HTTP/1.1 200 OK\r\nx-long: ", "x", "other"],
    ["if it sends informational answers repeatedly", "", "HTTP/1.1 103 Early Hints\r\n\r\n", "closed"],
    ["if it sends 100 Continue repeatedly", "", "HTTP/1.1 100 Continue\r\n\r\n", "closed"],
    ["if its answer is not HTTP", "", "-ERR unknown command 'POST'\r\n", "closed"],
  ])("%s", async (_, begin, endless, status) => {
    const url = await receiving((socket) => {
      socket.write(begin);
      flood(socket, endless);
    });
    const outcome = await post(url);
    await hungUp();
    expect(outcome.status).toBe(status);
    // At most the size of the socket buffers.
    expect(written).toBeLessThan(32 * 1024 * 1024);
  });
});

it("a receiver that answers byte by byte may use the time limit for the status, and little more for the rest", async () => {
  const slowly = (text: string) => (socket: Socket) => {
    let at = 0;
    const timer = setInterval(() => {
      if (socket.destroyed || at === text.length) clearInterval(timer);
      else socket.write(text[at++] ?? "");
    }, 20);
  };
  expect(
    await post(await receiving(slowly("HTTP/1.1 200 OK\r\nx-header: long enough for a second\r\n\r\n")), 300),
  ).toMatchObject({
    status: "timeout",
  });
  await hungUp();
});
