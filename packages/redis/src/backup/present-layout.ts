import type { RedisClient } from "../connection/connection.ts";
import { LAYOUT_FAULTS, layoutOf } from "../connection/stored-layout.ts";
import type { Keys } from "../keys.ts";
import { BackupError } from "./backup-error.ts";

/** @throws {StoreUnavailableError} @throws {BackupError} if another version wrote the data */
export async function requirePresentLayout(redis: RedisClient, keys: Keys): Promise<void> {
  const layout = await layoutOf(redis, keys);
  if (layout !== "present") throw new BackupError(`This version cannot read the data: ${LAYOUT_FAULTS[layout]}.`);
}
