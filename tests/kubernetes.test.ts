import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import {
  apiEnvironment,
  EnvironmentError,
  forwarderEnvironment,
  ingestEnvironment,
  readEnvironment,
  workerEnvironment,
} from "../packages/schemas/src/environment/environment.ts";
import { GATEWAY_SETTINGS, settingsOf } from "./support/gateway-settings.ts";
import { SECRETS } from "../packages/schemas/src/environment/secrets.ts";
import { compose, ROOT } from "./support/compose.ts";
import {
  manifests,
  networkPolicies,
  podMonitor,
  processManifests,
  sharedSettings,
  validate,
  workerScaling,
} from "./support/kubernetes.ts";

const REDIS = { REDIS_URL: "redis://redis:6379" };
const TOKEN = "x".repeat(24);
const APPS = [
  {
    name: "ingest",
    schema: ingestEnvironment,
    ports: (() => {
      const env = readEnvironment(ingestEnvironment, { ...REDIS, TICKTALLY_WEBHOOK_TOKEN: TOKEN });
      return { http: env.INGEST_PORT, ops: env.INGEST_OPS_PORT };
    })(),
  },
  {
    name: "worker",
    schema: workerEnvironment,
    ports: { ops: readEnvironment(workerEnvironment, REDIS).WORKER_OPS_PORT },
  },
  {
    name: "api",
    schema: apiEnvironment,
    ports: (() => {
      const env = readEnvironment(apiEnvironment, { ...REDIS, TICKTALLY_ACCOUNT_TOKEN: TOKEN });
      return { http: env.API_PORT, ops: env.API_OPS_PORT };
    })(),
  },
  {
    name: "forwarder",
    schema: forwarderEnvironment,
    ports: { ops: readEnvironment(forwarderEnvironment, REDIS).FORWARDER_OPS_PORT },
  },
];

/** A value with its placeholders replaced. */
const replaced = (value: string) => value.replace(/change-me\S*?(?=@|$)/, TOKEN);

function faultsOf(read: () => unknown): readonly string[] {
  try {
    read();
    return [];
  } catch (error) {
    if (error instanceof EnvironmentError) return error.faults;
    throw error;
  }
}

type Selector = (typeof networkPolicies)[number]["spec"]["podSelector"];

function selects({ matchLabels = {}, matchExpressions = [] }: Selector, labels: Readonly<Record<string, string>>) {
  const isLike = Object.entries(matchLabels).every(([key, value]) => labels[key] === value);
  return isLike && matchExpressions.every(({ key, values }) => values.includes(labels[key] ?? ""));
}

describe("the Kubernetes manifests", () => {
  it.each(manifests)("$title matches the schema of its kind", ({ object }) => {
    expect(() => validate(object)).not.toThrow();
    expect(object.metadata.namespace).toBe(object.kind === "Namespace" ? undefined : "ticktally");
  });

  it("are refused if they do not match a schema", () => {
    const wrong = { apiVersion: "apps/v1", kind: "Deployment", metadata: { name: "x" }, spec: { replicas: "two" } };
    expect(() => validate(wrong)).toThrow(/replicas must be integer/);
    expect(() => validate({ ...wrong, apiVersion: "apps/v1beta1" })).toThrow(/not of apps\/v1beta1/);
  });

  it.each(APPS)("give $name the ports that it listens on", ({ name, ports }) => {
    const { container, service } = processManifests(name);
    const listening = Object.entries(ports);
    expect(container.ports.map((port) => [port.name, port.containerPort])).toEqual(listening);
    // The ops ports require no token, so no Service exposes them. Prometheus discovers the pods itself.
    const doors = listening.filter(([port]) => port !== "ops");
    expect(service?.spec.ports.map((port) => [port.name, port.port, port.targetPort]) ?? []).toEqual(
      doors.map(([port, number]) => [port, number, port]),
    );
  });

  it.each(APPS)("check liveness and readiness of $name at the right port", ({ name }) => {
    const { container } = processManifests(name);
    expect(container.livenessProbe.httpGet).toEqual({ path: "/healthz", port: "ops" });
    expect(container.startupProbe.httpGet).toEqual({ path: "/healthz", port: "ops" });
    expect(container.readinessProbe.httpGet).toEqual({ path: "/readyz", port: "ops" });
  });

  it.each(APPS)("give $name only known settings, and all required ones", ({ name, schema }) => {
    const { container } = processManifests(name);
    const { config, secret } = sharedSettings;
    const own = container.env.map(({ name: variable, valueFrom: { secretKeyRef } }) => {
      expect(secretKeyRef.name).toBe("ticktally");
      return [variable, secret[secretKeyRef.key]] as const;
    });
    const environment = { ...config, ...Object.fromEntries(own) };
    const known = settingsOf(name, schema);
    expect(Object.keys(environment).filter((variable) => !known.includes(variable))).toEqual([]);
    // All settings of the ConfigMap are passed on, including future ones.
    expect(container.envFrom).toEqual([{ configMapRef: { name: "ticktally" } }]);
    const secrets = [...SECRETS, ...GATEWAY_SETTINGS].filter((secret) => known.includes(secret));
    expect(own.map(([variable]) => variable).sort()).toEqual(secrets.sort());
    // The placeholders are published, so the apps refuse them.
    const published = own.filter(([, value]) => value !== "").map(([variable]) => variable);
    expect(faultsOf(() => readEnvironment(schema, environment))).toEqual(
      SECRETS.filter((name) => published.includes(name)).map((name): unknown =>
        expect.stringMatching(new RegExp(`^${name} .* published placeholder`)),
      ),
    );
    const filledIn = Object.entries(environment).map(([name, value = ""]) => [name, replaced(value)] as const);
    expect(() => readEnvironment(schema, Object.fromEntries(filledIn))).not.toThrow();
  });

  it.each(APPS)("give $name the key for pseudonyms if they are switched on", ({ name, schema }) => {
    const given = processManifests(name).container.env.find((one) => one.name === "TICKTALLY_PSEUDONYM_KEY");
    const key = given?.valueFrom.secretKeyRef.key ?? "none";
    const { config, secret } = sharedSettings;
    const own = Object.entries(secret).map(([name, value]) => [name, replaced(value)] as const);
    const on = { ...config, ...Object.fromEntries(own), PSEUDONYMISE_CHATS: "true" };
    expect(() => readEnvironment(schema, { ...on, TICKTALLY_PSEUDONYM_KEY: secret[key] })).toThrow(
      /PSEUDONYM_KEY is required/,
    );
    expect(readEnvironment(schema, { ...on, [key]: "x".repeat(32) })).toMatchObject({ PSEUDONYMISE_CHATS: true });
    expect(config).toMatchObject({ PSEUDONYMISE_CHATS: "false" });
  });

  it.each(APPS)("keep at least one $name, and give it time to finish", ({ name, schema }) => {
    const { replicas, pod, budget, selector, podLabels, service, container } = processManifests(name);
    expect(replicas).toBeGreaterThan(1);
    const { SHUTDOWN_TIMEOUT_MS } = readEnvironment(schema, {
      ...REDIS,
      TICKTALLY_ACCOUNT_TOKEN: TOKEN,
      TICKTALLY_WEBHOOK_TOKEN: TOKEN,
    });
    expect(pod.terminationGracePeriodSeconds * 1_000).toBeGreaterThan(SHUTDOWN_TIMEOUT_MS + 5_000);
    expect(podLabels).toMatchObject(selector.matchLabels);
    expect(budget.selector.matchLabels).toEqual(selector.matchLabels);
    if (service !== undefined) expect(service.spec.selector).toEqual(selector.matchLabels);
    expect(container.image.split(":")[0]).toBe(compose.services[name]?.image);
  });

  it.each(APPS)("have $name scraped under the job name that the rules use", ({ name }) => {
    const { podLabels } = processManifests(name);
    expect(podLabels).toMatchObject(podMonitor.selector.matchLabels);
    expect(podLabels[podMonitor.jobLabel]).toBe(`ticktally-${name}`);
    expect(podMonitor.podMetricsEndpoints).toMatchObject([{ port: "ops", path: "/metrics" }]);
    const scraped = readFileSync(join(ROOT, "deploy", "prometheus", "prometheus.yml"), "utf8");
    expect(scraped).toContain(`job_name: ticktally-${name}\n`);
  });

  it.each(APPS)("allow all clients at the port of $name, and only Prometheus at its ops port", ({ name, ports }) => {
    const { podLabels } = processManifests(name);
    const open = networkPolicies
      .filter(({ spec }) => selects(spec.podSelector, podLabels))
      .flatMap(({ spec }) => spec.ingress.flatMap(({ from, ports: some }) => some.map(({ port }) => ({ port, from }))));
    const prometheus = [{ namespaceSelector: { matchLabels: { "kubernetes.io/metadata.name": "monitoring" } } }];
    expect(open).toEqual(
      Object.keys(ports).map((port) => (port === "ops" ? { port, from: prometheus } : { port, from: undefined })),
    );
  });

  it("deny access to pods without their own policy", () => {
    expect(networkPolicies.filter(({ spec }) => spec.ingress.length === 0).map(({ spec }) => spec.podSelector)).toEqual(
      [{}],
    );
  });

  it("scale workers by a metric that the api exports", () => {
    expect(workerScaling.scaleTargetRef.name).toBe("worker");
    const [, metric = "none"] = /^max\((\w+)\{/.exec(workerScaling.triggers[0]?.metadata.query ?? "") ?? [];
    expect(readFileSync(join(ROOT, "apps", "api", "src", "ops", "fleet-source.ts"), "utf8")).toContain(`"${metric}"`);
  });
});
