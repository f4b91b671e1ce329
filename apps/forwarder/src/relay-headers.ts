import type { EntryHead } from "@ticktally/redis";
import type { TargetSecrets } from "@ticktally/schemas";

/**
 * The headers of a relayed webhook: those that came with it and are passed on, what the receiver expects as `Authorization`, and two of ours
 * that strict receivers ignore.
 * @param attempt from 1 @param ownId tells a webhook of ours that comes back to us, also by way of another Ticktally
 */
export function relayHeaders(
  received: Readonly<Record<string, string>>,
  { authorization }: Pick<TargetSecrets, "authorization">,
  { webhookId }: Pick<EntryHead, "webhookId">,
  attempt: number,
  ownId: string,
): Readonly<Record<string, string>> {
  const before = received["x-ticktally-attempt"];
  return {
    ...received,
    ...(authorization === undefined ? {} : { authorization }),
    "user-agent": "Ticktally",
    "webhook-id": webhookId,
    "x-ticktally-attempt": [`${String(attempt)}; by=${ownId}`, ...(before === undefined ? [] : [before])].join(", "),
  };
}
