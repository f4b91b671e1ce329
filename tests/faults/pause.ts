import { setTimeout as delay } from "node:timers/promises";

/** For the duration of a fault. Everything else polls for a condition (until.ts). */
export async function pause(ms: number): Promise<void> {
  await delay(ms);
}
