import type { System } from "../system.ts";

/** The last key of a deleted instance keeps other processes from storing more of it, and goes by itself after so long. */
const LAST_KEY_MS = 20_000;

/** The keys that Redis has of an instance, without one that goes within some seconds by itself. */
export async function lastingKeys(system: System, instance: string): Promise<readonly string[]> {
  const answer = await system.askRedis("KEYS", `*{${instance}}*`);
  const keys = answer.split("\r\n").filter((line) => line.includes(`{${instance}}`));
  const lasting: string[] = [];
  for (const key of keys) {
    const [, leftMs = ""] = /:(-?\d+)\r\n\+OK\r\n$/.exec(await system.askRedis("PTTL", key)) ?? [];
    if (leftMs === "-1" || Number(leftMs) > LAST_KEY_MS) lasting.push(key);
  }
  return lasting;
}
