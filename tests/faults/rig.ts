import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { freePort } from "../support/free-port.ts";
import { startOwnRedis, type OwnRedis } from "../support/own-redis.ts";
import type { App } from "../support/app-process.ts";
import { startSystem, type System } from "../system.ts";
import { SupervisedApp } from "./supervised-app.ts";
import { TcpProxy } from "./tcp-proxy.ts";

export interface RigOptions {
  readonly durability?: "durable" | "fast";
  /** Where Redis keeps its files. Default: a folder of its own. */
  readonly dir?: string;
  readonly env?: Readonly<Record<string, string>>;
}

/** A Ticktally run as `npm start` runs it, with a network of ours between its apps and Redis. */
export class Rig {
  readonly system: System;
  readonly apps: ReadonlyMap<App, SupervisedApp>;
  readonly #ends: readonly (() => Promise<void>)[];

  private constructor(system: System, apps: ReadonlyMap<App, SupervisedApp>, ends: readonly (() => Promise<void>)[]) {
    this.system = system;
    this.apps = apps;
    this.#ends = ends;
  }

  /** @param redis it is stopped with the rig @param env tells the apps where Redis is */
  static async on(redis: OwnRedis, env: Readonly<Record<string, string>>, ends: readonly (() => Promise<void>)[] = []) {
    const apps = new Map<App, SupervisedApp>();
    const runApp = (app: App, appEnv: NodeJS.ProcessEnv, opsOrigin: string) => {
      const supervised = new SupervisedApp(app, appEnv, opsOrigin);
      apps.set(app, supervised);
      return supervised;
    };
    return new Rig(await startSystem({ redis, env, runApp }), apps, ends);
  }

  app(app: App): SupervisedApp {
    const found = this.apps.get(app);
    if (found === undefined) throw new Error(`there is no ${app}`);
    return found;
  }

  /** Let earlier ends count no more: who ended often is started again later and later. */
  async freshen(): Promise<void> {
    const ended = [...this.apps.values()].filter(({ ends }) => ends > 0);
    await Promise.all(
      ended.map(async (app) => {
        await app.kill();
        await app.start();
      }),
    );
  }

  async stop(): Promise<void> {
    await this.system.stop();
    for (const end of this.#ends) await end();
  }
}

/** The usual stage: one Redis, reached through a network that can be broken. */
export interface Standalone {
  readonly rig: Rig;
  readonly redis: OwnRedis;
  readonly network: TcpProxy;
  /** Redis's files */
  readonly dir: string;
}

export async function startStandalone({
  durability = "durable",
  env = {},
  ...given
}: RigOptions = {}): Promise<Standalone> {
  const own = await mkdtemp(join(tmpdir(), "ticktally-faults-"));
  const dir = given.dir ?? join(own, "redis");
  const redis = await startOwnRedis({ dir, durability, port: await freePort() });
  const network = await TcpProxy.start(redis.port);
  const through = redis.url.replace(/:\d+$/, `:${network.port}`);
  const ends = [async () => network.stop(), async () => rm(own, { recursive: true, force: true })];
  const rig = await Rig.on(redis, { REDIS_URL: through, ...env }, ends);
  return { rig, redis, network, dir };
}
