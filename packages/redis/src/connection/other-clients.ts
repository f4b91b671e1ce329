import { Cluster } from "ioredis";
import type { RedisClient } from "./connection.ts";
import { storeError } from "./store-error.ts";

/**
 * Other connections that may belong to a process of version 0.1, which did not name its connections.
 * @returns their addresses
 */
export async function otherClients(redis: RedisClient): Promise<readonly string[]> {
  const servers = redis instanceof Cluster ? redis.nodes("master") : [redis];
  const lists = await Promise.all(
    servers.map(async (server) => String(await server.call("CLIENT", "LIST", "TYPE", "normal").catch(storeError))),
  );
  return lists.flatMap((list) =>
    list
      .split("\n")
      .filter((line) => line !== "" && line.includes(" name= "))
      .map((line) => / addr=(\S+)/.exec(line)?.[1] ?? "an unknown address"),
  );
}
