import { spawn, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { cp, mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parse, stringify } from "yaml";
import { z } from "zod";
import { killWithParent } from "./kill-with-parent.ts";
import { freePort } from "./free-port.ts";
import { tools } from "./prometheus-tools.ts";
import { DEPLOY } from "./rules.ts";
import { scaledTime } from "./scaled-time.ts";
import { until } from "./until.ts";

interface MonitoringOptions {
  /** The targets of each job in prometheus.yml: the only difference from a container network. */
  readonly targets: Readonly<Record<string, readonly string[]>>;
  /** Where Alertmanager sends its notifications; without it no Alertmanager is started. */
  readonly receiverUrl?: string;
  /** How much faster time runs, see {@link scaledTime}. */
  readonly divisor: number;
  /** The same for the windows of the rules; 1 where an event of a minute ago must still be visible. */
  readonly rulesDivisor?: number;
}

const queryAnswer = z.object({
  status: z.literal("success"),
  data: z.object({
    result: z.array(z.object({ metric: z.record(z.string(), z.string()), value: z.tuple([z.number(), z.string()]) })),
  }),
});
export type Series = z.infer<typeof queryAnswer>["data"]["result"][number];

const scrapeSettings = z.looseObject({
  alerting: z.looseObject({ alertmanagers: z.unknown() }),
  scrape_configs: z.array(z.looseObject({ job_name: z.string(), dns_sd_configs: z.unknown() })),
});

/** Start Prometheus and Alertmanager with the published files, on free ports. Call {@link Monitoring.stop} at the end. */
export async function startMonitoring(options: MonitoringOptions): Promise<Monitoring> {
  const dir = await mkdtemp(join(tmpdir(), "ticktally-monitoring-"));
  const [prometheusPort, alertmanagerPort] = [await freePort(), await freePort()];
  await cp(join(DEPLOY, "prometheus"), dir, { recursive: true });
  for (const name of await readdir(join(dir, "rules")))
    await scaleFile(join(dir, "rules", name), options.rulesDivisor ?? options.divisor);
  await scaleFile(join(dir, "prometheus.yml"), options.divisor);
  const settings = scrapeSettings.parse(parse(await readFile(join(dir, "prometheus.yml"), "utf8")));
  const scrapes = settings.scrape_configs.map(({ dns_sd_configs: _, ...scrape }) => {
    return { ...scrape, static_configs: [{ targets: options.targets[scrape.job_name] ?? [] }] };
  });
  const alertmanagers = [{ static_configs: [{ targets: [`127.0.0.1:${alertmanagerPort}`] }] }];
  const own = { ...settings, scrape_configs: scrapes, alerting: { alertmanagers } };
  await writeFile(join(dir, "prometheus.yml"), stringify(own));

  const running = [
    run(tools.prometheus, [
      `--config.file=${join(dir, "prometheus.yml")}`,
      `--storage.tsdb.path=${join(dir, "data")}`,
      `--web.listen-address=127.0.0.1:${prometheusPort}`,
      "--log.level=warn",
    ]),
  ];
  if (options.receiverUrl !== undefined) {
    const text = await readFile(join(DEPLOY, "alertmanager", "alertmanager.yml"), "utf8");
    const scaled = scaledTime(text, options.divisor).replaceAll(/url: \S+/g, `url: ${options.receiverUrl}`);
    await writeFile(join(dir, "alertmanager.yml"), scaled);
    running.push(
      run(tools.alertmanager, [
        `--config.file=${join(dir, "alertmanager.yml")}`,
        `--storage.path=${join(dir, "alertmanager")}`,
        `--web.listen-address=127.0.0.1:${alertmanagerPort}`,
        "--cluster.listen-address=",
        "--log.level=warn",
      ]),
    );
  }
  const monitoring = new Monitoring(dir, `http://127.0.0.1:${prometheusPort}`, running);
  await until("Prometheus is ready", async () => monitoring.isReady());
  return monitoring;
}

export class Monitoring {
  readonly #dir: string;
  readonly #origin: string;
  readonly #running: readonly Running[];

  constructor(dir: string, origin: string, running: readonly Running[]) {
    this.#dir = dir;
    this.#origin = origin;
    this.#running = running;
  }

  async isReady(): Promise<boolean> {
    for (const { child, output } of this.#running) {
      if (child.exitCode !== null) throw new Error(`Prometheus or Alertmanager ended: ${output()}`);
    }
    const answer = await fetch(`${this.#origin}/-/ready`).catch(() => undefined);
    await answer?.text();
    return answer?.status === 200;
  }

  /** Evaluate an expression now. @throws Prometheus refuses it */
  async query(expr: string): Promise<readonly Series[]> {
    const answer = await fetch(`${this.#origin}/api/v1/query?${new URLSearchParams({ query: expr }).toString()}`);
    const text = await answer.text();
    const parsed = queryAnswer.safeParse(JSON.parse(text));
    if (!parsed.success) throw new Error(`Prometheus refuses ${expr}: ${text}`);
    return parsed.data.data.result;
  }

  /** Wait until an expression has a result. */
  async seen(expr: string, timeoutMs = 30_000): Promise<readonly Series[]> {
    return until(
      `Prometheus sees ${expr}`,
      async () => {
        const series = await this.query(expr);
        return series.length > 0 && series;
      },
      timeoutMs,
    );
  }

  async stop(): Promise<void> {
    await Promise.all(this.#running.map(async ({ stop }) => stop()));
    await rm(this.#dir, { recursive: true, force: true });
  }
}

interface Running {
  readonly child: ChildProcess;
  readonly output: () => string;
  readonly stop: () => Promise<void>;
}

function run(program: string, args: readonly string[]): Running {
  const child = spawn(program, args, { stdio: ["ignore", "ignore", "pipe"] });
  let output = "";
  child.stderr.setEncoding("utf8").on("data", (text: string) => (output += text));
  const ended = once(child, "close");
  const release = child.pid === undefined ? () => undefined : killWithParent(child.pid);
  return {
    child,
    output: () => output,
    stop: async () => {
      child.kill("SIGTERM");
      await ended;
      release();
    },
  };
}

async function scaleFile(path: string, divisor: number): Promise<void> {
  await writeFile(path, scaledTime(await readFile(path, "utf8"), divisor));
}
