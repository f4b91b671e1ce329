import { STATE_CHANGES_MAX } from "@ticktally/core";
import { z } from "zod";
import { failureRatioMax } from "./instance-requests.ts";
import { upstreamView } from "../stored/upstream.ts";

const success = z.literal(true);

const settings = z
  .object({
    /** Groups' messages are acknowledged and not recorded. */
    ignoreGroupMessages: z.boolean(),
    /** Above this share of failures it is alerted; `null`: above the one that holds for all. */
    failureRatioMax: failureRatioMax.nullable(),
    /** Where it lives at its gateway; `null` where it was not set. */
    upstream: upstreamView,
  })
  .meta({ id: "InstanceSettings" });

export const instance = z
  .object({
    /** What it is called in URLs and metrics: its id until it is renamed. */
    name: z.string(),
    idInstance: z.string(),
    /** The gateway's last word on the account, such as `authorized`; `null` until it said one. */
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

/** An instance by itself. */
const instanceDetails = instance
  .extend({
    stateChanges: z
      .array(stateChange)
      .max(STATE_CHANGES_MAX)
      .describe("The last changes of the account's state at the gateway, newest first."),
  })
  .meta({ id: "InstanceDetails" });
export type InstanceDetails = z.infer<typeof instanceDetails>;

/** `GET /instances`: by name. The message counts all that were asked for, on whichever page they are. */
export const instancesAnswer = z
  .object({
    success,
    message: z.string(),
    instances: z.array(instance),
    nextCursor: z.string().nullable().describe("Asks for the next page; `null` after the last."),
  })
  .meta({ id: "InstancesAnswer" });

/** `GET` and `PATCH /instances/:name` */
export const instanceAnswer = z.object({ success, instance: instanceDetails }).meta({ id: "InstanceAnswer" });

/** `POST /instances`: the token is shown here only. */
export const instanceCreatedAnswer = z.object({ success, instance: instanceDetails, token: z.string() });

/** `POST /instances/:name/token`: the token is shown here only. */
export const tokenAnswer = z.object({ success, token: z.string() });

/** `GET /api/instance/getSettings/:instance` */
export const settingsAnswer = z.object({ success, message: z.string(), settings });

/** What is done and leaves nothing to show. */
const count = z.number().int().nonnegative();

export const chatDeletedAnswer = z.object({
  success: z.literal(true),
  message: z.string(),
  /** Messages that were in the chat; they stay counted. */
  messages: count,
  /** Messages of which it was one of several recipients. */
  recipients: count,
  /** Webhooks in quarantine that named it; they are discarded. */
  quarantined: count,
});

export const doneAnswer = z.object({ success, message: z.string() }).meta({ id: "Done" });
