import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { onTestFinished } from "vitest";
import { askRedis } from "../scripts/redis/redis-wire.mjs";
import {
  healthAnswer,
  messageAnswer,
  metricsAnswer,
  type Message,
  type Metrics,
} from "../packages/schemas/src/index.ts";
import { AppProcess, type App, type RunningApp } from "./support/app-process.ts";
import { ask, type Answer } from "./support/ask.ts";
import { freePort } from "./support/free-port.ts";
import { checkAgainstOpenApi } from "./support/openapi-check.ts";
import { startOwnRedis, type OwnRedis } from "./support/own-redis.ts";
import { Samples } from "./support/samples.ts";
import { until } from "./support/until.ts";

export type { Answer };
export const ACCOUNT_TOKEN = "account-token-of-the-tests";
export const WEBHOOK_TOKEN = "webhook-token-of-the-tests";

export interface SystemOptions {
  /** The folder for Redis's files; removed with the system. Default: a temporary folder. */
  readonly dir?: string;
  readonly durability?: "durable" | "fast";
  readonly env?: Readonly<Record<string, string>>;
  /** Also start a forwarder. */
  readonly forwards?: boolean;
  /** The apps to start. Default: all but the forwarder. */
  readonly apps?: readonly App[];
  /** A running Redis; it is stopped with the system. */
  readonly redis?: OwnRedis;
  /** How apps are run. Default: without a supervisor. */
  readonly runApp?: AppRunner;
}

/** @param opsOrigin the origin of its readiness check */
export type AppRunner = (app: App, env: NodeJS.ProcessEnv, opsOrigin: string) => RunningApp;

interface RequestOptions {
  readonly method?: string;
  readonly headers?: Readonly<Record<string, string>>;
  /** `null`: no token is sent. Default: the account's. */
  readonly token?: string | null;
}

const APPS = ["ingest", "worker", "api"] as const;
const ALL_APPS = [...APPS, "forwarder"] as const;

/** Start a separate Ticktally: a private Redis and the built apps, used over HTTP. Call {@link System.stop} at the end. */
export async function startSystem({ durability = "fast", env = {}, ...given }: SystemOptions = {}): Promise<System> {
  const dir = given.dir ?? (await mkdtemp(join(tmpdir(), "ticktally-e2e-")));
  const redis = given.redis ?? (await startOwnRedis({ dir: join(dir, "redis"), durability, port: await freePort() }));
  const names = [
    "INGEST_PORT",
    "API_PORT",
    "INGEST_OPS_PORT",
    "WORKER_OPS_PORT",
    "API_OPS_PORT",
    "FORWARDER_OPS_PORT",
  ] as const;
  const ports = new Map<string, number>();
  for (const name of names) ports.set(name, await freePort());
  const apps = given.apps ?? (given.forwards === true ? ALL_APPS : APPS);
  const system = new System(dir, redis, ports, env, apps, given.runApp);
  try {
    await Promise.all(apps.map(async (app) => system.start(app)));
    return system;
  } catch (error) {
    await system.stop();
    throw error;
  }
}

export class System {
  /** The folder of Redis's files. */
  readonly dir: string;
  readonly ingestPort: number;
  /** The environment of the apps. */
  readonly environment: NodeJS.ProcessEnv;
  readonly #redis: OwnRedis;
  readonly #ports: ReadonlyMap<string, number>;
  readonly #apps: ReadonlyMap<App, RunningApp>;

  constructor(
    dir: string,
    redis: OwnRedis,
    ports: ReadonlyMap<string, number>,
    env: NodeJS.ProcessEnv,
    apps: readonly App[],
    runApp: AppRunner = (app, appEnv, opsOrigin) => new AppProcess(app, appEnv, opsOrigin),
  ) {
    this.dir = dir;
    this.#redis = redis;
    this.#ports = ports;
    this.ingestPort = ports.get("INGEST_PORT") ?? 0;
    this.environment = {
      REDIS_URL: redis.url,
      HOST: "127.0.0.1",
      TICKTALLY_ACCOUNT_TOKEN: ACCOUNT_TOKEN,
      // Tests send more requests than clients do; the limits have their own tests.
      API_RATE_LIMIT_PER_MINUTE: "1000000",
      INGEST_WRONG_TOKENS_PER_MINUTE: "1000000",
      TICKTALLY_WEBHOOK_TOKEN: WEBHOOK_TOKEN,
      // Tests check results at once; the delay has its own test.
      METRICS_NEW_INSTANCE_SECONDS: "0",
      // The network of the stub gateways.
      OUTBOUND_ALLOWED_NETWORKS: "127.0.0.0/8",
      FORWARD_KEY: "0123456789abcdef".repeat(4),
      ...Object.fromEntries([...ports].map(([name, port]) => [name, String(port)])),
      ...env,
    };
    this.#apps = new Map(
      apps.map((app) => [app, runApp(app, this.environment, this.#origin(`${app.toUpperCase()}_OPS_PORT`))]),
    );
  }

  /** The origin of the REST API, for external clients. */
  get apiOrigin(): string {
    return this.#origin("API_PORT");
  }

  /** Post a webhook; a string is sent unchanged. @param token sent as `Bearer`, unless `authorization` is given */
  async post(webhook: object | string, options: RequestOptions & { readonly path?: string } = {}): Promise<Answer> {
    const { token = WEBHOOK_TOKEN, headers, path = "/webhooks/green-api", method = "POST" } = options;
    const own = { "content-type": "application/json", ...(token === null ? {} : { authorization: `Bearer ${token}` }) };
    const body = typeof webhook === "string" ? webhook : JSON.stringify(webhook);
    const answer = await ask(this.#origin("INGEST_PORT") + path, { method, headers: { ...own, ...headers }, body });
    checkAgainstOpenApi(method, path, answer);
    return answer;
  }

  /** Post webhooks one after the other. @throws one was not answered with 200 */
  async accept(...webhooks: readonly (object | string)[]): Promise<void> {
    for (const webhook of webhooks) {
      const { status, text } = await this.post(webhook);
      if (status !== 200) throw new Error(`a webhook was answered ${status}: ${text}`);
    }
  }

  /** As {@link accept}, but each is counted before the next is sent, because jobs may run concurrently. */
  async acceptInOrder(...webhooks: readonly (object | string)[]): Promise<void> {
    for (const webhook of webhooks) {
      await this.accept(webhook);
      await this.drained();
    }
  }

  /** Send a GET request to the REST API. */
  async get(path: string, { token = ACCOUNT_TOKEN, headers, method = "GET" }: RequestOptions = {}): Promise<Answer> {
    const answer = await ask(this.#origin("API_PORT") + path, {
      method,
      headers: { ...(token === null ? {} : { token }), ...headers },
    });
    checkAgainstOpenApi(method, path, answer);
    return answer;
  }

  /** Send a changing request to the REST API. @param body sent as JSON; a string is sent unchanged */
  async send(method: string, path: string, body?: unknown, options: RequestOptions = {}): Promise<Answer> {
    const { token = ACCOUNT_TOKEN, headers } = options;
    const own = {
      ...(body === undefined ? {} : { "content-type": "application/json" }),
      ...(token === null ? {} : { token }),
    };
    const text = typeof body === "string" || body === undefined ? body : JSON.stringify(body);
    const answer = await ask(this.#origin("API_PORT") + path, { method, headers: { ...own, ...headers }, body: text });
    checkAgainstOpenApi(method, path, answer);
    return answer;
  }

  /** @throws the answer is not 200, or does not match the schema */
  async metrics(instances: string): Promise<Metrics> {
    const { text } = await this.get(`/metrics/${encodeURIComponent(instances)}`);
    return metricsAnswer.parse(JSON.parse(text)).metrics;
  }

  async message(instance: string, idMessage: string): Promise<Message | undefined> {
    const { status, text } = await this.get(`/messages/${instance}/${encodeURIComponent(idMessage)}`);
    return status === 404 ? undefined : messageAnswer.parse(JSON.parse(text)).message;
  }

  async prometheus(app: App = "api"): Promise<Samples> {
    return new Samples((await this.scrape(app)).text);
  }

  async scrape(app: App = "api"): Promise<Answer> {
    return ask(`${this.#origin(`${app.toUpperCase()}_OPS_PORT`)}/metrics`);
  }

  /** Prometheus's targets, by the jobs of deploy/prometheus/prometheus.yml. */
  prometheusTargets(): Readonly<Record<string, readonly string[]>> {
    const target = (app: App) => [`127.0.0.1:${this.#ports.get(`${app.toUpperCase()}_OPS_PORT`) ?? 0}`];
    return Object.fromEntries([...this.#apps.keys()].map((app) => [`ticktally-${app}`, target(app)]));
  }

  /** Wait until no job is waiting or active: then everything that was answered 200 before is counted. */
  async drained(timeoutMs = 30_000): Promise<void> {
    await until("the queue is empty", async () => (await this.#queued()) === 0, timeoutMs);
  }

  /** The metrics of an instance, once everything posted so far is counted. */
  async counted(instances: string): Promise<Metrics> {
    await this.drained();
    return this.metrics(instances);
  }

  async start(app: App, env: NodeJS.ProcessEnv = {}): Promise<void> {
    await this.#app(app).start(env);
  }

  /**
   * Start a second process of an app with other settings, for the current test; a worker would share the jobs of the first.
   * @returns this system with the second process in place of the first
   */
  async startSecond(app: App, env: Readonly<Record<string, string>>): Promise<System> {
    const ports = new Map(this.#ports);
    for (const name of ports.keys()) if (name.startsWith(app.toUpperCase())) ports.set(name, await freePort());
    const given = Object.fromEntries([...ports].map(([name, port]) => [name, String(port)]));
    const other = new System(this.dir, this.#redis, ports, { ...this.environment, ...given, ...env }, [app]);
    onTestFinished(async () => other.kill(app));
    await other.start(app);
    return other;
  }

  async kill(app: App, signal: NodeJS.Signals = "SIGTERM"): Promise<void> {
    await this.#app(app).kill(signal);
  }

  output(app: App): string {
    return this.#app(app).output;
  }

  pid(app: App): number | undefined {
    return this.#app(app).pid;
  }

  async isReady(app: App): Promise<boolean> {
    return this.#app(app).isReady();
  }

  /** @returns the raw replies, starting with that of AUTH */
  async askRedis(...command: readonly string[]): Promise<string> {
    return askRedis({ port: this.#redis.port, password: new URL(this.#redis.url).password }, [command]);
  }

  /** With the password. */
  get redisUrl(): string {
    return this.#redis.url;
  }

  async killRedis(signal: "SIGKILL" | "SIGSTOP" | "SIGCONT" = "SIGKILL"): Promise<void> {
    if (signal !== "SIGKILL") {
      process.kill(this.#redis.pid, signal);
      return;
    }
    await this.#redis.kill9();
  }

  async restartRedis(): Promise<void> {
    await this.#redis.restart();
  }

  async stop(): Promise<void> {
    await Promise.all([...this.#apps.values()].map(async (app) => app.kill("SIGTERM")));
    await this.#redis.stop();
    await rm(this.dir, { recursive: true, force: true });
  }

  /** @returns `undefined` while Redis is unreachable */
  async #queued(): Promise<number | undefined> {
    const { status, text } = await this.get("/health");
    if (status === 503) return undefined;
    const { waiting, active, delayed, failed } = healthAnswer.parse(JSON.parse(text)).health.queue;
    if (failed > 0) throw new Error(`${failed} jobs failed:\n${this.output("worker").slice(-2000)}`);
    return waiting + active + delayed;
  }

  #app(app: App): RunningApp {
    const found = this.#apps.get(app);
    if (found === undefined) throw new Error(`there is no ${app}`);
    return found;
  }

  #origin(port: string): string {
    return `http://127.0.0.1:${this.#ports.get(port) ?? 0}`;
  }
}
