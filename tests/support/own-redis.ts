import type { RedisOptions } from "../../scripts/redis/embedded-redis.mjs";
import { superviseRedis } from "../../scripts/start/supervisor.mjs";
import { killWithParent } from "./kill-with-parent.ts";

/** A Redis of a test's own, run as `npm start` runs it. It ends when the test process does, however that ends. */
export interface OwnRedis {
  /** with the password */
  readonly url: string;
  readonly port: number;
  /** of the process that runs now, or ran last */
  readonly pid: number;
  /** It stays down until `restart`; one that ends by itself, or by a signal to its pid, is started again. */
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
