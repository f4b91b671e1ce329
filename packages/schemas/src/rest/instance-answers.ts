import { STATE_CHANGES_MAX } from "@ticktally/core";
import { z } from "zod";
import { failureRatioMax } from "./instance-requests.ts";
import { upstreamView } from "./upstream.ts";

const success = z.literal(true);

const settings = z
  .object({
    /** Group messages are acknowledged and not recorded. */
    ignoreGroupMessages: z.boolean(),
    /** Above this share of failures an alert fires; `null`: the threshold for all instances applies. */
    failureRatioMax: failureRatioMax.nullable(),
    /** Where to reach it at its gateway; `null` if not set. */
    upstream: upstreamView,
  })
  .meta({ id: "InstanceSettings" });

export const instance = z
  .object({
    /** Its name in URLs and metrics: its id until it is renamed. */
    name: z.string(),
    idInstance: z.string(),
    /** The account's state as the gateway last reported it, such as `authorized`; `null` before the first report. */
    state: z.string().nullable(),
    lastWebhookAt: z.iso.datetime().nullable(),
    settings,
  })
  .meta({ id: "Instance" });
export type Instance = z.infer<typeof instance>;

const stateChange = z
  .object({
    at: z.iso.datetime(),
    from: z.string().nullable().describe("`null` for the first state that was reported."),
    to: z.string(),
  })
  .meta({ id: "StateChange" });

/** A single instance. */
const instanceDetails = instance
  .extend({
    stateChanges: z
      .array(stateChange)
      .max(STATE_CHANGES_MAX)
      .describe("The last changes of the account's state at the gateway, newest first."),
  })
  .meta({ id: "InstanceDetails" });
export type InstanceDetails = z.infer<typeof instanceDetails>;

/** `GET /instances`: by name. The message counts all that match, on all pages. */
export const instancesAnswer = z
  .object({
    success,
    message: z.string(),
    instances: z.array(instance),
    nextCursor: z.string().nullable().describe("The cursor of the next page; `null` on the last page."),
  })
  .meta({ id: "InstancesAnswer" });

/** `GET` and `PATCH /instances/:name` */
export const instanceAnswer = z.object({ success, instance: instanceDetails }).meta({ id: "InstanceAnswer" });

/** `POST /instances`: the token is shown only here. */
export const instanceCreatedAnswer = z.object({ success, instance: instanceDetails, token: z.string() });

/** `POST /instances/:name/token`: the token is shown only here. */
export const tokenAnswer = z.object({ success, token: z.string() });

/** `GET /api/instance/getSettings/:instance` */
export const settingsAnswer = z.object({ success, message: z.string(), settings });

/** A call that succeeded and has nothing to return. */
const count = z.number().int().nonnegative();

export const chatDeletedAnswer = z.object({
  success: z.literal(true),
  message: z.string(),
  /** How many messages were in the chat; they stay counted. */
  messages: count,
  /** How many messages had it as one of several recipients. */
  recipients: count,
  /** How many webhooks in quarantine named it; they are discarded. */
  quarantined: count,
});

export const doneAnswer = z.object({ success, message: z.string() }).meta({ id: "Done" });
