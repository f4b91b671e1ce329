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
  /** Each then has a network of its own before the one of all. Default: one worker without. */
  readonly workers?: number;
}

interface RigParts {
  /** Tells the apps where Redis is. */
  readonly env: Readonly<Record<string, string>>;
  readonly ends?: readonly (() => Promise<void>)[];
  /** What each worker has of its own. Default: one worker. */
  readonly workerEnvs?: readonly NodeJS.ProcessEnv[];
}

/** A Ticktally run as `npm start` runs it, with a network of ours between its apps and Redis. */
export class Rig {
  readonly system: System;
  readonly apps: ReadonlyMap<App, SupervisedApp>;
  /** The first is the one among the apps. */
  readonly workers: readonly SupervisedApp[];
  readonly #ends: readonly (() => Promise<void>)[];

  private constructor(
    system: System,
    apps: ReadonlyMap<App, SupervisedApp>,
    moreWorkers: readonly SupervisedApp[],
    ends: readonly (() => Promise<void>)[],
  ) {
    this.system = system;
    this.apps = apps;
    this.workers = [this.app("worker"), ...moreWorkers];
    this.#ends = ends;
  }

  /** @param redis it is stopped with the rig */
  static async on(redis: OwnRedis, { env, ends = [], workerEnvs = [{}] }: RigParts): Promise<Rig> {
    const apps = new Map<App, SupervisedApp>();
    const [first, ...others] = workerEnvs;
    let shared: NodeJS.ProcessEnv = {};
    const runApp = (app: App, appEnv: NodeJS.ProcessEnv, opsOrigin: string) => {
      shared = appEnv;
      const supervised = new SupervisedApp(app, app === "worker" ? { ...appEnv, ...first } : appEnv, opsOrigin);
      apps.set(app, supervised);
      return supervised;
    };
    const system = await startSystem({ redis, env, runApp });
    const workers: SupervisedApp[] = [];
    for (const own of others) {
      const port = String(await freePort());
      workers.push(
        new SupervisedApp("worker", { ...shared, ...own, WORKER_OPS_PORT: port }, `http://127.0.0.1:${port}`),
      );
    }
    const rig = new Rig(system, apps, workers, ends);
    await Promise.all(workers.map(async (worker) => worker.start()));
    return rig;
  }

  get processes(): readonly SupervisedApp[] {
    return [...new Set([...this.apps.values(), ...this.workers])];
  }

  app(app: App): SupervisedApp {
    const found = this.apps.get(app);
    if (found === undefined) throw new Error(`there is no ${app}`);
    return found;
  }

  /** Let earlier ends count no more: who ended often is started again later and later. */
  async freshen(): Promise<void> {
    const ended = this.processes.filter(({ ends }) => ends > 0);
    await Promise.all(
      ended.map(async (app) => {
        await app.kill();
        await app.start();
      }),
    );
  }

  async stop(): Promise<void> {
    await Promise.all(this.workers.map(async (worker) => worker.kill()));
    await this.system.stop();
    for (const end of this.#ends) await end();
  }
}

/** The usual stage: one Redis, reached through a network that can be broken. */
export interface Standalone {
  readonly rig: Rig;
  readonly redis: OwnRedis;
  readonly network: TcpProxy;
  /** Of each worker, where they have networks of their own. */
  readonly workerNetworks: readonly TcpProxy[];
  /** Redis's files */
  readonly dir: string;
}

export async function startStandalone({
  durability = "durable",
  env = {},
  workers = 0,
  ...given
}: RigOptions = {}): Promise<Standalone> {
  const own = await mkdtemp(join(tmpdir(), "ticktally-faults-"));
  const dir = given.dir ?? join(own, "redis");
  const redis = await startOwnRedis({ dir, durability, port: await freePort() });
  const network = await TcpProxy.start(redis.port);
  const workerNetworks: TcpProxy[] = [];
  for (let n = 0; n < workers; n++) workerNetworks.push(await TcpProxy.start(network.port));
  const through = ({ port }: TcpProxy) => ({ REDIS_URL: redis.url.replace(/:\d+$/, `:${String(port)}`) });
  const ends = [
    ...[...workerNetworks, network].map((of) => async () => of.stop()),
    async () => rm(own, { recursive: true, force: true }),
  ];
  const workerEnvs = workers === 0 ? [{}] : workerNetworks.map(through);
  const rig = await Rig.on(redis, { env: { ...through(network), ...env }, ends, workerEnvs });
  return { rig, redis, network, workerNetworks, dir };
}
