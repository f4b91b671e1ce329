import { StoreRejectedError, StoreUnavailableError } from "@ticktally/core";
import { ReplyError } from "ioredis";

/**
 * Turn an error of ioredis into one of ours. Only a reply that blames this call is a rejection. Everything else, including the replies
 * below, is a temporary problem of the infrastructure.
 * @throws {StoreUnavailableError}
 * @throws {StoreRejectedError}
 */
export function storeError(error: unknown): never {
  const message = error instanceof Error ? error.message : String(error);
  if (error instanceof ReplyError && !PASSING.test(message)) {
    throw new StoreRejectedError(`Redis refused the call: ${message}`, { cause: error });
  }
  throw new StoreUnavailableError(`Redis cannot be used now: ${message}`, { cause: error });
}

/** Out of memory, disk errors, replica, loading, cluster moving, busy in a script, no permission yet, too few replicas. */
const PASSING =
  /\b(?:OOM|MISCONF|READONLY|LOADING|CLUSTERDOWN|TRYAGAIN|MOVED|ASK|BUSY|MASTERDOWN|NOREPLICAS|UNBLOCKED|NOAUTH|WRONGPASS|NOPERM)\b|max number of clients|can't run this command/;
