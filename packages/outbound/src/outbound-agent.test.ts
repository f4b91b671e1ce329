import type { lookup, LookupAddress } from "node:dns";
import { once } from "node:events";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { OutboundNetworks } from "@ticktally/schemas";
import { expect, it } from "vitest";
import { outboundAgent } from "./outbound-agent.ts";
import { postTo } from "./post-to.ts";

type Answer = (error: Error | null, found: LookupAddress[]) => void;

it("concurrent requests share one DNS lookup of a name, and a later one looks it up again", async () => {
  const server = createServer((_, res) => res.writeHead(200, { connection: "close" }).end());
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as AddressInfo;
  const asked: Answer[] = [];
  const resolve = ((_: string, __: object, done: Answer) => void asked.push(done)) as unknown as typeof lookup;
  const agent = outboundAgent(new OutboundNetworks(["127.0.0.0/8"]), { resolve });
  const url = `http://receiver.example:${String(port)}/`;
  const post = async () => postTo(agent, { url, headers: {}, body: Buffer.from("{}"), timeoutMs: 5_000 });
  const asking = async (times: number) => {
    while (asked.length < times) await new Promise((later) => setImmediate(later));
    // Lookups of the other requests would start in the same turn.
    await new Promise((later) => setImmediate(later));
    expect(asked).toHaveLength(times);
  };

  const first = Array.from({ length: 10 }, post);
  await asking(1);
  asked[0]?.(new Error("no such name"), []);
  expect(new Set((await Promise.all(first)).map(({ status }) => status))).toEqual(new Set(["other"]));

  const second = Array.from({ length: 10 }, post);
  await asking(2);
  asked[1]?.(null, [{ address: "127.0.0.1", family: 4 }]);
  expect(new Set((await Promise.all(second)).map(({ status }) => status))).toEqual(new Set([200]));
  await agent.destroy();
  server.close();
});
