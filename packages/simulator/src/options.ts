import { parseArgs } from "node:util";
import { z } from "zod";
import { CHARACTERS, type Character } from "./traffic/characters.ts";
import type { SimulationOptions } from "./simulation.ts";

/** The options of `npm run simulate`, after `--`. */
const ARGUMENTS = {
  seed: { type: "string", default: "1" },
  instances: { type: "string" },
  rate: { type: "string", default: "5" },
  hours: { type: "string", default: "0" },
  minutes: { type: "string", default: "0" },
  duplicates: { type: "string", default: "0.01" },
  disorder: { type: "string", default: "0.02" },
  lost: { type: "string", default: "0" },
  prefix: { type: "string", default: "" },
  labels: { type: "boolean", default: false },
  check: { type: "boolean", default: false },
  url: { type: "string" },
  "ingest-url": { type: "string" },
  token: { type: "string" },
  "webhook-token": { type: "string" },
  "app-secret": { type: "string" },
  "pause-ms": { type: "string", default: "60000" },
  "gateway-port": { type: "string", default: "0" },
} as const;

const share = z.coerce.number().min(0).max(1);
const address = z.url({ protocol: /^https?$/, error: "must be an address, such as http://127.0.0.1:8081" });
const origin = address.transform((url) => new URL(url).origin);
const token = z.string({ error: "is missing" }).min(1);

const schema = z
  .object({
    seed: z.coerce.number().int().nonnegative(),
    instances: z.coerce.number().int().min(1).max(1_900).optional(),
    rate: z.coerce.number().positive().max(10_000),
    hours: z.coerce.number().min(0).max(720),
    minutes: z.coerce.number().min(0),
    duplicates: share,
    disorder: share,
    lost: share,
    prefix: z.string().regex(/^[\w.-]{0,40}$/, "must be letters, digits, _, - or ."),
    labels: z.boolean(),
    check: z.boolean(),
    url: origin,
    "ingest-url": origin,
    token,
    "webhook-token": token,
    "app-secret": token.optional(),
    "pause-ms": z.coerce.number().int().nonnegative(),
    "gateway-port": z.coerce.number().int().min(0).max(65_535),
  })
  .refine(({ hours, minutes }) => hours > 0 || minutes > 0, {
    error: "say how long: --minutes 5 from now on, or --hours 6 of the past, or both",
  });

/** What is wrong with the options, for people. */
export class OptionsError extends Error {}

/**
 * @param args of the command line
 * @param env values of `npm start`, used for options that the command line leaves out
 * @throws {OptionsError}
 */
export function readOptions(
  args: readonly string[],
  env: NodeJS.ProcessEnv,
): SimulationOptions & { readonly check: boolean } {
  const given = {
    url: env["TICKTALLY_URL"],
    "ingest-url": env["TICKTALLY_INGEST_URL"],
    token: env["TICKTALLY_ACCOUNT_TOKEN"],
    "webhook-token": env["TICKTALLY_WEBHOOK_TOKEN"],
    "app-secret": env["META_APP_SECRET"],
    ...parsedArguments(args),
  };
  const result = schema.safeParse(given);
  if (!result.success) {
    const faults = result.error.issues.map(({ path, message }) =>
      path.length === 0 ? message : `--${path.join(".")}: ${message}`,
    );
    throw new OptionsError(faults.join("\n"));
  }
  const { data } = result;
  const { seed, instances, rate, duplicates, disorder, lost, prefix, labels, check, url } = data;
  const characters = charactersOf(data["app-secret"]);
  return {
    seed,
    instances: instances ?? characters.length,
    characters,
    rate,
    pastHours: data.hours,
    liveMinutes: data.minutes,
    faults: { duplicates, disorder, lost },
    prefix,
    labels,
    check,
    url,
    ingestUrl: data["ingest-url"],
    token: data.token,
    webhookToken: data["webhook-token"],
    appSecret: data["app-secret"],
    pauseMs: data["pause-ms"],
    gatewayPort: data["gateway-port"],
  };
}

/** Without a secret nothing can be signed. */
function charactersOf(appSecret: string | undefined): readonly Character[] {
  return appSecret === undefined ? CHARACTERS.filter(({ product }) => product !== "meta") : CHARACTERS;
}

function parsedArguments(args: readonly string[]): Readonly<Record<string, unknown>> {
  try {
    return parseArgs({ args: [...args], options: ARGUMENTS, strict: true }).values;
  } catch (error) {
    throw new OptionsError(error instanceof Error ? error.message : String(error));
  }
}
