import { z } from "zod";
import { directionWord, statusWord } from "../rest/words.ts";

/** Targets: receivers that webhooks and events are forwarded to. */

const success = z.literal(true);
const URL_CHARS_MAX = 2_048;
const INSTANCES_MAX = 1_000;

export const TARGET_MODES = ["relay", "events"] as const;
export const TARGET_FORMATS = ["json", "text"] as const;
export const TARGET_STATES = ["active", "paused", "disabled"] as const;

const name = z
  .string()
  .regex(/^[a-z0-9](?:[a-z0-9-]{0,62}[a-z0-9])?$/, "must be 1 to 64 of a-z, 0-9 and -, not beginning or ending with -");

const url = z
  .url({ protocol: /^https?$/, abort: true, error: "must be an address that begins with http:// or https://" })
  .max(URL_CHARS_MAX, { abort: true })
  .refine((text) => !text.includes("#") && new URL(text).username === "" && new URL(text).password === "", {
    error: "must not contain a user, a password or a fragment",
    abort: true,
  })
  .refine((text) => new URL(text).port !== "0", { error: "must have a port from 1 to 65535, or none" });

/** Sent unchanged, so nothing that would end a header is allowed. */
const authorization = z
  .string()
  .max(4_096)
  .regex(/^[\x21-\x7e](?:[\x20-\x7e]*[\x21-\x7e])?$/, "must be printable ASCII that does not begin or end with a space")
  .describe("Sent as the header `Authorization`; never shown.")
  .meta({ id: "TargetAuthorization" });

const instances = z
  .array(z.string().min(1).max(200))
  .min(1)
  .max(INSTANCES_MAX)
  .describe("Names or ids; without it all instances, including later ones.")
  .meta({ id: "InstanceNames" });

const filter = z
  .strictObject({
    types: z
      .array(z.string().regex(/^\w{1,64}$/, "must be a webhook's type"))
      .min(1)
      .max(50)
      .optional(),
    directions: z.array(directionWord).min(1).optional(),
    statuses: z.array(statusWord).min(1).optional(),
    events: z
      .array(z.enum(["message", "alert", "digest"]))
      .min(1)
      .optional()
      .describe("For a target of events; without it `message`. Alerts and digests need `ALERTS=on`."),
  })
  .describe("Only what matches every list that is given.")
  .meta({ id: "TargetFilter" });

/** `POST /targets` */
export const newTarget = z.strictObject({
  name,
  url,
  mode: z.enum(TARGET_MODES),
  format: z
    .enum(TARGET_FORMATS)
    .optional()
    .describe('For events: `json` (default), or `text` for chat tools: `{ "text": … }`.'),
  authorization: authorization.optional(),
  instances: instances.optional(),
  filter: filter.optional(),
});
export type NewTarget = z.infer<typeof newTarget>;

/** `PATCH /targets/:name`; `null` removes a value. */
export const targetChange = z
  .strictObject({
    url: url.optional(),
    authorization: authorization.nullable().optional(),
    instances: instances.nullable().optional(),
    filter: filter.nullable().optional(),
  })
  .refine((change) => Object.keys(change).length > 0, { error: "The body must have at least one field to change" });
export type TargetChange = z.infer<typeof targetChange>;

/** Secrets that only we and the receiver know; stored encrypted. */
export const targetSecrets = z.object({
  authorization: z.string().optional(),
  /** For events: `whsec_…`, the secret that signs requests. */
  secret: z.string().optional(),
  /** The previous secret, which also signs until `until`, Unix seconds. */
  oldSecret: z.object({ secret: z.string(), until: z.number() }).optional(),
  /** Base64: the key of the hashes that are the ids of its webhooks. */
  idKey: z.string(),
});
export type TargetSecrets = z.infer<typeof targetSecrets>;

export const storedTarget = z.object({
  /** Lanes and everything else are stored under it, so a new target with an old name is separate. */
  id: z.string(),
  name: z.string(),
  url: z.string(),
  mode: z.enum(TARGET_MODES),
  format: z.enum(TARGET_FORMATS).optional(),
  /** Ids; without it, all. */
  instances: z.array(z.string()).optional(),
  filter: filter.optional(),
  state: z.enum(TARGET_STATES),
  /** Unix seconds */
  createdAt: z.number(),
  /** {@link targetSecrets}, encrypted, base64. */
  sealed: z.string(),
});
export type StoredTarget = z.infer<typeof storedTarget>;

const attempt = z.object({
  at: z.iso.datetime(),
  instance: z.string(),
  status: z.string(),
  durationMs: z.number().int(),
});
const view = z
  .object({
    name: z.string(),
    url: z.string(),
    mode: z.enum(TARGET_MODES),
    state: z.enum(TARGET_STATES),
    instances: z.array(z.string()).nullable().describe("Ids of instances; `null`: all."),
    filter: filter.nullable(),
    depth: z.number().int().describe("Waiting webhooks."),
    oldestAt: z.iso.datetime().nullable().describe("Receipt of the oldest waiting webhook."),
    lastStatus: z
      .string()
      .nullable()
      .describe(
        "The last attempt: the HTTP status, or `timeout`, `refused`, `closed`, `dns`, `tls`, `blocked`, `other`.",
      ),
    lastSuccessAt: z.iso.datetime().nullable(),
    dead: z.number().int().describe("Dead letters."),
    dropped: z.number().int().describe("Webhooks that were dropped because there was no room."),
    attempts: z.array(attempt).optional().describe("The last attempts; only in the answer for a single target."),
  })
  .meta({ id: "Target" });
export type TargetView = z.infer<typeof view>;

export const targetAnswer = z.object({ success, target: view }).meta({ id: "TargetAnswer" });
const secret = z.string().describe("The secret that signs requests (Standard Webhooks). Shown only here.");
/** `POST /targets`, `POST /targets/:name/rotate` */
export const targetSecretAnswer = z
  .object({ success, target: view, secret: secret.optional() })
  .meta({ id: "TargetSecretAnswer" });
export const targetsAnswer = z.object({ success, targets: z.array(view) });

export const targetTestAnswer = z.object({
  success,
  test: z.object({ ok: z.boolean(), status: z.string(), durationMs: z.number().int() }),
});

/** `POST /targets/:name/retry`: the number of lanes that waited after a failure. */
export const targetRetryAnswer = z.object({ success, lanes: z.number().int() });
