import type { ForwardingEnvironment } from "@ticktally/schemas";
import type { RedisClient } from "../connection/connection.ts";
import type { Keys } from "../keys.ts";
import type { QueueTroubles } from "../queue/open-queue.ts";
import { ForwardCipher } from "./forward-cipher.ts";
import { forwardingRoom } from "./forwarding-room.ts";
import { LaneQueue } from "./lane-queue.ts";
import { LaneWriter } from "./lane-writer.ts";

interface Options extends QueueTroubles {
  readonly keys: Keys;
  readonly env: ForwardingEnvironment;
  /** A target wants webhooks, but this process has no key to encrypt them. */
  readonly onKeyMissing: (error: Error) => void;
}

/** Create the lane writer that the environment asks for. */
export function openLaneWriter(redis: RedisClient, { keys, env, onKeyMissing, ...troubles }: Options): LaneWriter {
  const queue = new LaneQueue(redis, { keys, ...troubles });
  return new LaneWriter(redis, {
    keys,
    cipher: env.FORWARD_KEY === undefined ? undefined : new ForwardCipher(env.FORWARD_KEY),
    laneBytesMax: env.FORWARD_MAX_BYTES,
    allBytesMax: forwardingRoom(redis, env.FORWARD_MAX_TOTAL_BYTES),
    whenFull: env.FORWARD_WHEN_FULL,
    wake: (lanes) => {
      queue.wake(lanes).catch(troubles.onError);
    },
    onKeyMissing: (target) => {
      onKeyMissing(new Error(`no key of FORWARD_KEY decrypts the target ${target}`));
    },
  });
}
