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
  /** Where Redis keeps its files. Default: a temporary folder. */
  readonly dir?: string;
  readonly env?: Readonly<Record<string, string>>;
  /** The number of workers, each with its own proxy in front of the shared one. Default: one worker without its own proxy. */
  readonly workers?: number;
}

interface RigParts {
  /** The settings with which the apps reach Redis. */
  readonly env: Readonly<Record<string, string>>;
  readonly ends?: readonly (() => Promise<void>)[];
  /** The settings of each worker. Default: one worker. */
  readonly workerEnvs?: readonly NodeJS.ProcessEnv[];
}

/** A Ticktally with the supervisor of `npm start`. */
export class Rig {
  readonly system: System;
  readonly apps: ReadonlyMap<App, SupervisedApp>;
  /** The first is also in `apps`. */
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

  /** @param redis is stopped with the rig */
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

  /** Start every app that has ended again, so that earlier ends do not increase its restart delay. */
  async restartEnded(): Promise<void> {
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

/** The standalone setup: one Redis behind a proxy that can simulate network faults. */
export interface Standalone {
  readonly rig: Rig;
  readonly redis: OwnRedis;
  readonly network: TcpProxy;
  /** The proxy of each worker, if workers have their own. */
  readonly workerNetworks: readonly TcpProxy[];
  /** The folder of Redis's files. */
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
