import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { ScaledObject } from "@kubernetes-models/keda/keda.sh/v1alpha1";
import { PodMonitor, PrometheusRule } from "@kubernetes-models/prometheus-operator/monitoring.coreos.com/v1";
import { Deployment } from "kubernetes-models/apps/v1";
import { NetworkPolicy } from "kubernetes-models/networking.k8s.io/v1";
import { PodDisruptionBudget } from "kubernetes-models/policy/v1";
import { ConfigMap, Namespace, Secret, Service } from "kubernetes-models/v1";
import { parseAllDocuments } from "yaml";
import { z } from "zod";
import { DEPLOY } from "./rules.ts";

const FOLDER = join(DEPLOY, "kubernetes");

const manifest = z.looseObject({
  apiVersion: z.string(),
  kind: z.string(),
  metadata: z.looseObject({ name: z.string(), namespace: z.string().optional() }),
});
type Manifest = z.infer<typeof manifest>;

/** Every object of every file. */
export const manifests = readdirSync(FOLDER).flatMap((file) =>
  parseAllDocuments(readFileSync(join(FOLDER, file), "utf8")).map((document) => {
    if (document.errors.length > 0) throw new Error(`${file}: ${String(document.errors[0])}`);
    const object = manifest.parse(document.toJS());
    return { file, title: `${object.kind} ${object.metadata.name}`, object };
  }),
);

/** Makes an empty object of each kind we use; the object can validate itself by the schema of its kind. */
const KINDS: Readonly<Record<string, () => { readonly apiVersion: string; validate(): void }>> = {
  Namespace: () => new Namespace(),
  Secret: () => new Secret(),
  ConfigMap: () => new ConfigMap(),
  Deployment: () => new Deployment(),
  Service: () => new Service(),
  PodDisruptionBudget: () => new PodDisruptionBudget(),
  NetworkPolicy: () => new NetworkPolicy(),
  PodMonitor: () => new PodMonitor({ spec: { podMetricsEndpoints: [], selector: {} } }),
  PrometheusRule: () => new PrometheusRule({ spec: {} }),
  ScaledObject: () => new ScaledObject(),
};

/** Validate by the schemas of Kubernetes and of the operators. @throws the manifest does not match the schema of its kind */
export function validate(object: Manifest): void {
  const model = KINDS[object.kind]?.();
  if (model === undefined) throw new Error(`there is no schema for ${object.kind}`);
  if (model.apiVersion !== object.apiVersion) throw new Error(`${object.kind} is not of ${object.apiVersion}`);
  Object.assign(model, object).validate();
}

const env = z.object({
  name: z.string(),
  valueFrom: z.object({ secretKeyRef: z.object({ name: z.string(), key: z.string() }) }),
});
const probe = z.object({ httpGet: z.object({ path: z.string(), port: z.string() }) });
const deployment = z.object({
  metadata: z.object({ labels: z.record(z.string(), z.string()) }),
  spec: z.object({
    replicas: z.number(),
    selector: z.object({ matchLabels: z.record(z.string(), z.string()) }),
    template: z.object({
      metadata: z.object({ labels: z.record(z.string(), z.string()) }),
      spec: z.object({
        terminationGracePeriodSeconds: z.number(),
        securityContext: z.object({ runAsNonRoot: z.literal(true) }),
        containers: z
          .array(
            z.object({
              image: z.string(),
              ports: z.array(z.object({ name: z.string(), containerPort: z.number() })),
              envFrom: z.array(z.object({ configMapRef: z.object({ name: z.string() }) })),
              env: z.array(env),
              livenessProbe: probe,
              readinessProbe: probe,
              startupProbe: probe,
              securityContext: z.object({
                allowPrivilegeEscalation: z.literal(false),
                readOnlyRootFilesystem: z.literal(true),
              }),
            }),
          )
          .length(1),
      }),
    }),
  }),
});
const service = z.object({
  spec: z.object({
    selector: z.record(z.string(), z.string()),
    ports: z.array(z.object({ name: z.string(), port: z.number(), targetPort: z.string() })),
  }),
});
const budget = z.object({
  spec: z.object({ minAvailable: z.literal(1), selector: z.object({ matchLabels: z.record(z.string(), z.string()) }) }),
});
const monitor = z.object({
  spec: z.object({
    jobLabel: z.string(),
    selector: z.object({ matchLabels: z.record(z.string(), z.string()) }),
    podMetricsEndpoints: z.array(z.object({ port: z.string(), path: z.string() })).length(1),
  }),
});
const policy = z.object({
  metadata: z.object({ name: z.string() }),
  spec: z.object({
    podSelector: z.object({
      matchLabels: z.record(z.string(), z.string()).optional(),
      matchExpressions: z
        .array(z.object({ key: z.string(), operator: z.literal("In"), values: z.array(z.string()) }))
        .optional(),
    }),
    policyTypes: z.tuple([z.literal("Ingress")]),
    ingress: z
      .array(z.object({ from: z.array(z.unknown()).min(1).optional(), ports: z.array(z.object({ port: z.string() })) }))
      .default([]),
  }),
});
const scaling = z.object({
  spec: z.object({
    scaleTargetRef: z.object({ name: z.string() }),
    triggers: z.array(z.object({ metadata: z.object({ query: z.string(), threshold: z.string() }) })).length(1),
  }),
});
const settings = z.object({ data: z.record(z.string(), z.string()) });
const secret = z.object({ stringData: z.record(z.string(), z.string()) });

const find = (kind: string, name: string) =>
  manifests.find(({ object }) => object.kind === kind && object.metadata.name === name)?.object;

/** The manifests of one of our processes. */
export function processManifests(name: string) {
  const { template, ...rest } = deployment.parse(find("Deployment", name)).spec;
  const [container] = template.spec.containers;
  if (container === undefined) throw new Error(`${name} has no container`);
  return {
    ...rest,
    podLabels: template.metadata.labels,
    pod: template.spec,
    container,
    service: service.optional().parse(find("Service", name)),
    budget: budget.parse(find("PodDisruptionBudget", name)).spec,
  };
}

export const sharedSettings = {
  config: settings.parse(find("ConfigMap", "ticktally")).data,
  secret: secret.parse(find("Secret", "ticktally")).stringData,
};
export const podMonitor = monitor.parse(find("PodMonitor", "ticktally")).spec;
/** The NetworkPolicies. */
export const networkPolicies = manifests
  .filter(({ object }) => object.kind === "NetworkPolicy")
  .map(({ object }) => policy.parse(object));
export const workerScaling = scaling.parse(find("ScaledObject", "worker")).spec;
