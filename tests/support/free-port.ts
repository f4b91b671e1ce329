import { createServer } from "node:net";
import { probePort } from "../../scripts/process/free-port.mjs";

/**
 * Below the ports that Linux uses for outgoing connections (from 32768 on), so that the port of an app that is down for a moment stays free.
 * Each test process reserves whole blocks: it listens on the first port of each.
 */
const FIRST = 10_240;
const BLOCK = 16;
const BLOCKS = 1_300;

let block = process.pid % BLOCKS;
let offset = BLOCK;
let last: Promise<unknown> = Promise.resolve();

/** One after the other: two that reserve a block at the same time would get the same port. */
export async function freePort(): Promise<number> {
  const port = last.then(nextFree);
  last = port.catch(() => undefined);
  return port;
}

async function nextFree(): Promise<number> {
  for (;;) {
    if (offset === BLOCK) await reserveBlock();
    const port = FIRST + block * BLOCK + offset;
    offset += 1;
    if ((await probePort(port, "127.0.0.1")) === "free") return port;
  }
}

async function reserveBlock(): Promise<void> {
  do block = (block + 1) % BLOCKS;
  while (!(await reserve(FIRST + block * BLOCK)));
  offset = 1;
}

/** Reserve a port for as long as this process runs. @returns whether that succeeded */
async function reserve(port: number): Promise<boolean> {
  const server = createServer().unref();
  return new Promise((resolve) => {
    server.once("error", () => resolve(false));
    server.listen({ port, host: "127.0.0.1" }, () => resolve(true));
  });
}
