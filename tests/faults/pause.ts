import { setTimeout as delay } from "node:timers/promises";

/** How long a fault lasts is part of the fault; everything else waits for what it wants to see (until.ts). */
export async function pause(ms: number): Promise<void> {
  await delay(ms);
}
