import { readFileSync } from "node:fs";
import { z } from "zod";
import { BATCH_WEBHOOKS_MAX } from "../stored/webhook-batches.ts";
import { networkList, proxyList } from "./network-list.ts";
import { placeholderFaults, withSecretFiles } from "./secrets.ts";

/** The settings of each process, from its environment. All faults are reported together, by the variable's name. */

const port = (fallback: number) => z.coerce.number().int().min(1).max(65_535).default(fallback);
const count = (fallback: number) => z.coerce.number().int().min(1).default(fallback);

/** Every process reads this many queues, whatever its own QUEUE_SHARDS is, so none is forgotten. */
export const SHARDS_MAX = 64;
const flag = (fallback: boolean) =>
  z
    .enum(["true", "false", "1", "0"])
    .default(fallback ? "true" : "false")
    .transform((word) => word === "true" || word === "1");
const token = z.string().min(16, "must have at least 16 characters").regex(/^\S+$/, "must not contain spaces");

const webAddress = z
  .string()
  .regex(/^https?:\/\/\S+$/, "must begin with http:// or https://")
  .refine((text) => URL.canParse(text), "must be an address such as http://127.0.0.1:4318")
  .optional();

/** Keys of 32 bytes in hex, separated by commas; the first one encrypts. */
const keyList = z
  .string()
  .regex(
    /^[0-9a-f]{64}(?:,[0-9a-f]{64})*$/i,
    "must be 64 hex digits, or several such keys separated by commas: make one with `openssl rand -hex 32`",
  )
  .transform((list) => list.split(",").map((key) => Buffer.from(key, "hex")))
  .optional();

const hostAndPort = z
  .string()
  .default("")
  .transform((list) => list.split(",").filter((item) => item.trim() !== ""))
  .pipe(
    z.array(
      z
        .string()
        .trim()
        .regex(/^[^:\s]+:\d+$/, "must be host:port, several separated by commas"),
    ),
  )
  .transform((list) => list.map((item) => ({ host: item.split(":")[0] ?? "", port: Number(item.split(":")[1]) })));

const shared = {
  NODE_ENV: z.string().default("development"),
  HOST: z.string().default("127.0.0.1"),
  /** Host of the ops ports, which have no token. Separate from HOST, so publishing one does not publish the others. */
  OPS_HOST: z.string().default("127.0.0.1"),
  LOG_LEVEL: z.enum(["trace", "debug", "info", "warn", "error", "fatal", "silent"]).default("info"),
  REDIS_URL: z
    .string("is required, such as redis://127.0.0.1:6379")
    .regex(/^rediss?:\/\/\S+$/, "must begin with redis:// or rediss://"),
  REDIS_CLUSTER: flag(false),
  REDIS_SENTINEL: hostAndPort,
  REDIS_SENTINEL_MASTER: z.string().default("mymaster"),
  REDIS_COMMAND_TIMEOUT_MS: count(5_000),
  QUEUE_SHARDS: z.coerce.number().int().min(1).max(SHARDS_MAX).default(1),
  MESSAGE_RETENTION_DAYS: z.coerce.number().positive().max(3_650).default(30),
  SHUTDOWN_TIMEOUT_MS: count(10_000),
  OUTBOUND_ALLOWED_NETWORKS: networkList,
  OTEL_EXPORTER_OTLP_ENDPOINT: webAddress,
  OTEL_EXPORTER_OTLP_TRACES_ENDPOINT: webAddress,
  OTEL_SDK_DISABLED: flag(false),
  OTEL_TRACES_SAMPLER_ARG: z.coerce.number().min(0).max(1).default(1),
  PSEUDONYMISE_CHATS: flag(false),
  TICKTALLY_PSEUDONYM_KEY: z
    .string()
    .min(32, "must have at least 32 characters: make one with `openssl rand -hex 32`")
    .optional(),
};

/** For processes that put webhooks into the lanes of targets. */
const forwarding = {
  FORWARD_KEY: keyList,
  FORWARD_MAX_BYTES: count(64 * 1024 * 1024),
  FORWARD_MAX_TOTAL_BYTES: z.coerce.number().int().min(1).optional(),
  FORWARD_WHEN_FULL: z.enum(["push_back", "drop"]).default("push_back"),
};
export type ForwardingEnvironment = z.infer<z.ZodObject<typeof forwarding>>;

const hasPseudonymKey = {
  check: (env: { readonly PSEUDONYMISE_CHATS: boolean; readonly TICKTALLY_PSEUDONYM_KEY?: string | undefined }) =>
    !env.PSEUDONYMISE_CHATS || env.TICKTALLY_PSEUDONYM_KEY !== undefined,
  fault: {
    path: ["TICKTALLY_PSEUDONYM_KEY"],
    error:
      "is required with PSEUDONYMISE_CHATS=true: at least 32 characters, the same for every process, and never changed; make it with `openssl rand -hex 32`",
  },
};

export const ingestEnvironment = z
  .object({
    ...shared,
    INGEST_PORT: port(8080),
    INGEST_OPS_PORT: port(9101),
    TICKTALLY_WEBHOOK_TOKEN: token,
    INGEST_BODY_LIMIT: count(5 * 1024 * 1024),
    INGEST_STORE_TIMEOUT_MS: count(3_000),
    INGEST_MAX_QUEUE_DEPTH: count(200_000),
    INGEST_BATCH_MAX: count(BATCH_WEBHOOKS_MAX),
    INGEST_WRONG_TOKENS_PER_MINUTE: count(60),
    WEBHOOK_ALLOWED_IPS: networkList,
    TRUST_PROXY: proxyList,
    ...forwarding,
  })
  .refine(hasPseudonymKey.check, hasPseudonymKey.fault);
export type IngestEnvironment = z.infer<typeof ingestEnvironment>;

export const workerEnvironment = z
  .object({
    ...shared,
    WORKER_OPS_PORT: port(9102),
    WORKER_CONCURRENCY: count(32),
    AUTO_REGISTER_INSTANCES: flag(true),
    QUARANTINE_MAX: count(100_000),
    QUARANTINE_MAX_BYTES: count(64 * 1024 * 1024),
    ...forwarding,
  })
  .refine(hasPseudonymKey.check, hasPseudonymKey.fault);
export type WorkerEnvironment = z.infer<typeof workerEnvironment>;

export const apiEnvironment = z
  .object({
    ...shared,
    API_PORT: port(8081),
    API_OPS_PORT: port(9103),
    TICKTALLY_ACCOUNT_TOKEN: token,
    METRICS_INSTANCE_LIMIT: count(1_000),
    METRICS_NEW_INSTANCE_SECONDS: z.coerce.number().min(0).max(3_600).default(30),
    API_RATE_LIMIT_PER_MINUTE: count(100),
    TRUST_PROXY: proxyList,
    PUBLIC_URL: webAddress,
    ALERTS: z.enum(["on", "off"]).default("off"),
    /** The token gateways post with; compared with their settings. */
    TICKTALLY_WEBHOOK_TOKEN: token.optional(),
    FORWARD_KEY: forwarding.FORWARD_KEY,
    FORWARD_MAX_BYTES: forwarding.FORWARD_MAX_BYTES,
    FORWARD_MAX_TOTAL_BYTES: forwarding.FORWARD_MAX_TOTAL_BYTES,
  })
  .refine(hasPseudonymKey.check, hasPseudonymKey.fault);
export type ApiEnvironment = z.infer<typeof apiEnvironment>;

export const forwarderEnvironment = z
  .object({
    ...shared,
    FORWARDER_OPS_PORT: port(9104),
    FORWARD_KEY: forwarding.FORWARD_KEY,
    FORWARD_MAX_BYTES: forwarding.FORWARD_MAX_BYTES,
    FORWARD_MAX_TOTAL_BYTES: forwarding.FORWARD_MAX_TOTAL_BYTES,
    FORWARD_PAUSE_MS: count(60_000),
  })
  .refine(hasPseudonymKey.check, hasPseudonymKey.fault);
export type ForwarderEnvironment = z.infer<typeof forwarderEnvironment>;

/** For command-line tools that use the same Redis as the processes. */
export const toolEnvironment = z.object(shared);
export type ToolEnvironment = z.infer<typeof toolEnvironment>;

export type SharedEnvironment = z.infer<z.ZodObject<typeof shared>>;

/** The environment is invalid. `faults` name variables and what is wrong, never the values. */
export class EnvironmentError extends Error {
  readonly faults: readonly string[];

  constructor(faults: readonly string[]) {
    super(`These settings must be corrected:\n${faults.map((fault) => `  ${fault}`).join("\n")}`);
    this.name = "EnvironmentError";
    this.faults = faults;
  }
}

/**
 * An empty variable counts as not set, because compose files and shells produce it from `X=`. A secret may be in a file, and in production
 * no secret may be a published placeholder.
 *
 * @param readFile returns the content of a file that a `NAME_FILE` names
 * @throws {EnvironmentError}
 */
export function readEnvironment<Schema extends z.ZodObject>(
  schema: Schema,
  variables: NodeJS.ProcessEnv,
  readFile = (path: string) => readFileSync(path, "utf8"),
): z.infer<Schema> {
  const names = Object.keys(schema.shape);
  const given = withSecretFiles(setOf(variables), names, readFile);
  const published =
    given.variables["NODE_ENV"] === "production"
      ? placeholderFaults(given.variables, names)
      : new Map<string, string>();
  const result = schema.safeParse(given.variables);
  const secretFaults = new Map([...published, ...given.faults]);
  if (result.success && secretFaults.size === 0) return result.data;
  const faults = (result.error?.issues ?? []).map(
    (issue) => [issue.path[0]?.toString() ?? "?", faultOf(issue)] as const,
  );
  const others = faults.filter(([name]) => !secretFaults.has(name));
  throw new EnvironmentError([...others, ...secretFaults].map(([name, fault]) => `${name} ${fault}`));
}

/**
 * The settings of gateways: those they name, and the same with a suffix after `_` for accounts that have their own. Each may be in a file.
 * Read once.
 * @returns a setting by its name; `undefined` if it is not set
 * @throws {EnvironmentError}
 */
export function gatewaySettings(
  gateways: readonly { readonly settings: readonly string[] }[],
  variables: NodeJS.ProcessEnv,
  readFile = (path: string) => readFileSync(path, "utf8"),
): (name: string) => string | undefined {
  const own = gateways.flatMap(({ settings }) => settings);
  const isOwn = (name: string) => own.some((setting) => name === setting || name.startsWith(`${setting}_`));
  const given = setOf(variables);
  const names = [...new Set(Object.keys(given).map((name) => name.replace(/_FILE$/, "")))].filter(isOwn);
  const { variables: filled, faults } = withSecretFiles(given, names, readFile, names);
  const published = given["NODE_ENV"] === "production" ? placeholderFaults(filled, names, names) : [];
  const all = new Map([...published, ...faults]);
  if (all.size > 0) throw new EnvironmentError([...all].map(([name, fault]) => `${name} ${fault}`));
  return (name) => (isOwn(name) ? filled[name] : undefined);
}

function setOf(variables: NodeJS.ProcessEnv): Readonly<Record<string, string>> {
  const given = Object.entries(variables).filter((entry): entry is [string, string] => Boolean(entry[1]));
  return Object.fromEntries(given);
}

function faultOf(issue: z.core.$ZodIssue): string {
  switch (issue.code) {
    case "invalid_type":
      if (issue.message.startsWith("is required")) return issue.message;
      // Every variable is a string, so one that is not a string is missing.
      if (issue.expected === "string") return "is required";
      return issue.expected === "int" ? "must be a whole number" : `must be a ${issue.expected}`;
    case "too_small":
      return issue.origin === "string" ? issue.message : `must be at least ${String(issue.minimum)}`;
    case "too_big":
      return `must be at most ${String(issue.maximum)}`;
    case "invalid_value":
      return `must be one of ${issue.values.join(", ")}`;
    default:
      return issue.message;
  }
}
