import type { System } from "../system.ts";

/** After a deletion one key stays for this long: it keeps other processes from storing data of the deleted instance. */
const LAST_KEY_MS = 20_000;

/** The keys of an instance in Redis, without the one that expires within {@link LAST_KEY_MS}. */
export async function remainingKeys(system: System, instance: string): Promise<readonly string[]> {
  const answer = await system.askRedis("KEYS", `*{${instance}}*`);
  const keys = answer.split("\r\n").filter((line) => line.includes(`{${instance}}`));
  const lasting: string[] = [];
  for (const key of keys) {
    const [, leftMs = ""] = /:(-?\d+)\r\n\+OK\r\n$/.exec(await system.askRedis("PTTL", key)) ?? [];
    if (leftMs === "-1" || Number(leftMs) > LAST_KEY_MS) lasting.push(key);
  }
  return lasting;
}
