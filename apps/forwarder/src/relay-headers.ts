import type { EntryHead } from "@ticktally/redis";
import type { TargetSecrets } from "@ticktally/schemas";

/**
 * The headers of a relayed webhook: the original ones that are forwarded, the receiver's `Authorization`, and two of ours that receivers
 * can ignore.
 * @param attempt from 1
 * @param ownId identifies our own webhook if it comes back, also through another Ticktally
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
