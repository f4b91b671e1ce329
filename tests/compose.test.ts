import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { parse } from "yaml";
import { z } from "zod";
import {
  apiEnvironment,
  ingestEnvironment,
  readEnvironment,
  workerEnvironment,
} from "../packages/schemas/src/environment.ts";
import { runCommand } from "../scripts/run-command.mjs";
import { compose, ROOT } from "./support/compose.ts";
import { hasPrometheus, tools } from "./support/prometheus-tools.ts";

const SERVICES = Object.entries(compose.services).map(([name, service]) => ({ name, ...service }));
const APPS = [
  { name: "ingest", schema: ingestEnvironment, opsPort: 9101 },
  { name: "worker", schema: workerEnvironment, opsPort: 9102 },
  { name: "api", schema: apiEnvironment, opsPort: 9103 },
] as const;

/** The command line of docker's compose, or the older one; `undefined` where neither is. */
const composeCommand = await (async () => {
  const candidates = [["docker", "compose"], ["docker-compose"]] as const;
  for (const [program, ...args] of candidates) {
    const { exitCode } = await runCommand(program, [...args, "version"]);
    if (exitCode === 0) return { program, args };
  }
  process.stderr.write("\n*** NOT TESTED: `docker compose config`, there is no docker compose here ***\n\n");
  return undefined;
})();

describe("docker-compose.yml", () => {
  it.skipIf(composeCommand === undefined)("is taken by docker compose (skipped without it)", async () => {
    const { program = "", args = [] } = composeCommand ?? {};
    const tokens = { TICKTALLY_ACCOUNT_TOKEN: "a".repeat(24), TICKTALLY_WEBHOOK_TOKEN: "w".repeat(24) };
    const options = { cwd: ROOT, env: { ...process.env, ...tokens } };
    const { exitCode, output } = await runCommand(program, [...args, "config", "--quiet"], options);
    expect({ exitCode, output }).toMatchObject({ exitCode: 0 });
    const bare = { ...options, env: { ...process.env, TICKTALLY_ACCOUNT_TOKEN: "", TICKTALLY_WEBHOOK_TOKEN: "" } };
    const refused = await runCommand(program, [...args, "config", "--quiet"], bare);
    expect(refused.exitCode).not.toBe(0);
    expect(refused.output).toMatch(/set it to the token/);
  });

  it("publishes the two doors, and what people look at on this machine alone", () => {
    const published = SERVICES.flatMap(({ ports }) => ports);
    expect(published).toEqual([
      "${INGEST_PORT:-8080}:8080",
      "${API_PORT:-8081}:8081",
      "127.0.0.1:${PROMETHEUS_PORT:-9090}:9090",
      "127.0.0.1:${ALERTMANAGER_PORT:-9093}:9093",
      "127.0.0.1:${GRAFANA_PORT:-3000}:3000",
    ]);
  });

  it.each(SERVICES)("pins $name, and mounts only what is there, read-only", ({ image, build, volumes }) => {
    if (build === undefined) expect(image).toMatch(/:v?\d+\.\d+\.\d+(-\w+)?$/);
    else
      expect(readFileSync(join(ROOT, "Dockerfile"), "utf8")).toMatch(new RegExp(`^FROM .* AS ${build.target}$`, "m"));
    for (const [source = "", , mode] of volumes.map((volume) => volume.split(":"))) {
      if (!source.startsWith("./")) expect(Object.keys(compose.volumes)).toContain(source);
      else
        expect({ source, exists: existsSync(join(ROOT, source)), mode }).toEqual({ source, exists: true, mode: "ro" });
    }
  });

  it.each(APPS)("gives $name settings that it has, and all that it needs", ({ name, schema }) => {
    const environment: Readonly<Record<string, string>> = compose.services[name]?.environment ?? {};
    expect(Object.keys(environment).filter((key) => !(key in schema.shape))).toEqual([]);
    const filledIn = Object.entries(environment).map(([key, value]) => {
      const [, fallback] = /^\$\{\w+:-(.*)\}$/.exec(value) ?? [];
      return [key, fallback ?? value.replace(/^\$\{.*\}$/, "x".repeat(24))] as const;
    });
    expect(() => readEnvironment(schema, Object.fromEntries(filledIn))).not.toThrow();
  });

  it.each(APPS)("asks $name whether it is ready where it answers", ({ name, opsPort, schema }) => {
    expect(compose.services[name]?.healthcheck.test.join(" ")).toContain(`http://127.0.0.1:${opsPort}/readyz`);
    expect(Object.keys(schema.shape)).toContain(`${name.toUpperCase()}_OPS_PORT`);
  });

  it("runs two workers", () => {
    expect(compose.services["worker"]?.deploy?.replicas).toBe(2);
  });

  it("has Prometheus scrape and tell services that exist, on their ops ports", () => {
    const settings = z
      .object({
        alerting: z.object({
          alertmanagers: z.array(z.object({ static_configs: z.array(z.object({ targets: z.array(z.string()) })) })),
        }),
        scrape_configs: z.array(
          z.object({
            job_name: z.string(),
            dns_sd_configs: z.array(z.object({ names: z.array(z.string()), type: z.literal("A"), port: z.number() })),
          }),
        ),
      })
      .parse(parse(readFileSync(join(ROOT, "deploy", "prometheus", "prometheus.yml"), "utf8")));
    const scraped = settings.scrape_configs.flatMap(({ job_name: job, dns_sd_configs: found }) =>
      found.map(({ names, port }) => ({ job, names, port })),
    );
    expect(scraped).toEqual(
      APPS.map(({ name, opsPort }) => ({ job: `ticktally-${name}`, names: [name], port: opsPort })),
    );
    const told = settings.alerting.alertmanagers.flatMap((found) =>
      found.static_configs.flatMap(({ targets }) => targets),
    );
    expect(told).toEqual(["alertmanager:9093"]);
    expect(Object.keys(compose.services)).toContain("alertmanager");
    expect(compose.services["grafana"]?.environment["PROMETHEUS_URL"]).toBe("http://prometheus:9090");
  });

  it.skipIf(!hasPrometheus).each([
    ["prometheus", tools.prometheus],
    ["alertmanager", tools.alertmanager],
  ])("starts %s with options that it knows (skipped without it)", async (name, program) => {
    const { output } = await runCommand(program, ["--help"]);
    const options = compose.services[name]?.command?.map((argument) => argument.split("=")[0]) ?? [];
    expect(options.length).toBeGreaterThan(2);
    for (const option of options) expect(output).toContain(option);
  });
});
