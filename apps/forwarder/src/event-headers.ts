import type { EntryHead } from "@ticktally/redis";
import type { TargetSecrets } from "@ticktally/schemas";
import { Webhook } from "standardwebhooks";

/**
 * The headers of an event, signed as in Standard Webhooks at the time of the attempt. For a day after a rotation also signed with the old
 * secret.
 * @see https://github.com/standard-webhooks/standard-webhooks
 */
export function eventHeaders(
  { secret, oldSecret, authorization }: TargetSecrets,
  { webhookId }: Pick<EntryHead, "webhookId">,
  body: Buffer,
  nowMs: number,
): Readonly<Record<string, string>> {
  const secrets = [secret, oldSecret !== undefined && oldSecret.until * 1000 > nowMs ? oldSecret.secret : undefined];
  const at = new Date(nowMs);
  const signatures = secrets.flatMap((one) =>
    one === undefined ? [] : [new Webhook(one).sign(webhookId, at, body.toString("utf8"))],
  );
  return {
    "content-type": "application/json",
    "user-agent": "Ticktally",
    ...(authorization === undefined ? {} : { authorization }),
    "webhook-id": webhookId,
    "webhook-timestamp": String(Math.floor(nowMs / 1000)),
    ...(signatures.length === 0 ? {} : { "webhook-signature": signatures.join(" ") }),
  };
}
