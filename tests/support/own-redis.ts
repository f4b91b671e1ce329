import type { RedisOptions } from "../../scripts/redis/embedded-redis.mjs";
import { superviseRedis } from "../../scripts/start/supervisor.mjs";
import { killWithParent } from "./kill-with-parent.ts";

/** A private Redis for a test, supervised as by `npm start`. It ends with the test process, even when that is killed. */
export interface OwnRedis {
  /** with the password */
  readonly url: string;
  readonly port: number;
  /** of the current process, or of the last one */
  readonly pid: number;
  /** It stays down until `restart`. The supervisor restarts one that ends by itself or by a signal to its pid. */
  kill9(): Promise<void>;
  restart(): Promise<void>;
  stop(): Promise<void>;
}

export async function startOwnRedis(options: RedisOptions): Promise<OwnRedis> {
  let release: () => void = () => undefined;
  const guard = (pid: number) => {
    release();
    release = killWithParent(pid);
  };
  const { redis, stop } = await superviseRedis(options, (line) => {
    if (line.endsWith("is back")) guard(redis.pid);
  });
  guard(redis.pid);
  return {
    url: redis.url,
    port: redis.port,
    get pid() {
      return redis.pid;
    },
    async kill9() {
      await redis.kill9();
      release();
    },
    async restart() {
      await redis.restart();
      guard(redis.pid);
    },
    async stop() {
      await stop();
      release();
    },
  };
}
