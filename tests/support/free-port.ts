import { createServer } from "node:net";
import { probePort } from "../../scripts/process/free-port.mjs";

/**
 * Below the ports that the system gives to outgoing connections (from 32768 on), so that an app which is down for a moment
 * finds its port free again. Each test process owns whole blocks: it listens on a block's first port to say so.
 */
const FIRST = 10_240;
const BLOCK = 16;
const BLOCKS = 1_300;

let block = process.pid % BLOCKS;
let offset = BLOCK;

export async function freePort(): Promise<number> {
  for (;;) {
    if (offset === BLOCK) await takeBlock();
    const port = FIRST + block * BLOCK + offset;
    offset += 1;
    if ((await probePort(port, "127.0.0.1")) === "free") return port;
  }
}

async function takeBlock(): Promise<void> {
  do block = (block + 1) % BLOCKS;
  while (!(await holds(FIRST + block * BLOCK)));
  offset = 1;
}

/** @returns whether the port is now held for as long as this process runs */
async function holds(port: number): Promise<boolean> {
  const server = createServer().unref();
  return new Promise((resolve) => {
    server.once("error", () => resolve(false));
    server.listen({ port, host: "127.0.0.1" }, () => resolve(true));
  });
}
