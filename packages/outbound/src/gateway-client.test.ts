import { once } from "node:events";
import { createServer, type Server } from "node:http";
import { createServer as createTcpServer } from "node:net";
import { lookup } from "node:dns";
import { gatewayOf } from "@ticktally/gateways";
import { OutboundNetworks } from "@ticktally/schemas";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { GatewayClient, GatewayError } from "./gateway-client.ts";
import { outboundAgent } from "./outbound-agent.ts";

let server: Server;
let port = 0;
let asked = 0;
beforeAll(async () => {
  server = createServer((req, res) => {
    asked += 1;
    if (req.url?.includes("lastIncomingMessages") === true) res.writeHead(302, { location: "/elsewhere" }).end();
    else res.end("[]");
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  port = portOf(server);
});
afterAll(() => {
  server.close();
});

function portOf(listening: Pick<Server, "address">): number {
  const address = listening.address();
  return typeof address === "object" ? (address?.port ?? 0) : 0;
}

/** Resolves every name to this address. */
const resolvingTo = (address: string, family: 4 | 6): typeof lookup =>
  Object.assign(
    (_: string, __: unknown, done: (error: null, found: unknown) => void) => done(null, [{ address, family }]),
    lookup,
  );

interface Asking {
  readonly allowed?: readonly string[];
  readonly resolve?: typeof lookup;
  readonly name?: string;
}

/** @returns the answer, or the kind and message of the error */
async function ask(apiUrl: string, { allowed = [], resolve, name = "lastOutgoingMessages" }: Asking = {}) {
  const agent = outboundAgent(new OutboundNetworks(allowed), resolve === undefined ? {} : { resolve });
  const upstream = { apiUrl, apiTokenInstance: "secret", pull: false, reconcileEveryMinutes: 0 };
  const api = gatewayOf("1")?.upstream;
  if (api === undefined) throw new Error("no API");
  const client = new GatewayClient({ api, upstream, agent, signal: new AbortController().signal });
  try {
    return await client.ask({ name, method: "GET", path: `/waInstance1/${name}/secret` }, 5_000);
  } catch (error) {
    if (!(error instanceof GatewayError)) throw error;
    return `${error.fault}: ${error.message}`;
  } finally {
    await agent.destroy();
  }
}

const NOT_ALLOWED = "its address is not public, and OUTBOUND_ALLOWED_NETWORKS does not name it";

describe("an upstream", () => {
  it.each(["127.0.0.1", "127.1", "2130706433", "0x7f.1", "localhost", "[::ffff:127.0.0.1]", "0.0.0.0"])(
    "at %s is not connected to, and the error does not reveal whether the port is open",
    async (host) => {
      const closed = createTcpServer();
      closed.listen(0, "127.0.0.1");
      await once(closed, "listening");
      const closedPort = portOf(closed);
      closed.close();
      await once(closed, "close");
      asked = 0;
      const results = await Promise.all([port, closedPort].map(async (at) => ask(`http://${host}:${String(at)}`)));
      expect(asked).toBe(0);
      expect(results[0]).toContain(NOT_ALLOWED);
      expect(results[1]).toBe(String(results[0]).replace(String(port), String(closedPort)));
    },
  );

  it.each([
    ["127.0.0.1", 4],
    ["::ffff:127.0.0.1", 6],
    ["169.254.169.254", 4],
    ["10.0.0.1", 4],
  ] as const)("whose name resolves to %s is not connected to", async (address, family) => {
    asked = 0;
    const results = await ask(`http://gateway.example:${String(port)}`, { resolve: resolvingTo(address, family) });
    expect(results).toContain(NOT_ALLOWED);
    expect(asked).toBe(0);
  });

  it("in an allowed network is reached, by address and by name", async () => {
    const allowed = ["127.0.0.0/8"];
    expect(await ask(`http://127.0.0.1:${String(port)}`, { allowed })).toEqual([]);
    const resolve = resolvingTo("127.0.0.1", 4);
    expect(await ask(`http://gateway.example:${String(port)}`, { allowed, resolve })).toEqual([]);
  });

  it("must not redirect", async () => {
    asked = 0;
    const results = await ask(`http://127.0.0.1:${String(port)}`, {
      allowed: ["127.0.0.0/8"],
      name: "lastIncomingMessages",
    });
    expect(results).toContain("unavailable: lastIncomingMessages at ");
    expect(asked).toBe(1);
  });
});
