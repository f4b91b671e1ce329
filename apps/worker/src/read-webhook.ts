import type { InstanceId } from "@ticktally/core";
import { parseWebhookText, type Pseudonyms, type QueuedWebhook } from "@ticktally/schemas";
import { normalise, type Normalised } from "./normalise.ts";

/** Never throws: one webhook that trips us must not hold up the others of its job. */
export function readWebhook(
  { text, receivedAtMs, sender }: QueuedWebhook,
  pseudonyms: Pseudonyms | undefined,
): Normalised {
  try {
    const result = normalise(parseWebhookText(text), Math.floor(receivedAtMs / 1000), pseudonyms);
    return sender === undefined ? result : asOf(sender, result);
  } catch (error) {
    const detail = error instanceof Error ? error.name : "unknown";
    return { kind: "rejected", reason: "unreadable", detail, ...(sender === undefined ? {} : { instance: sender }) };
  }
}

/** What came by one instance's token or feed is that instance's, and none of any other. */
function asOf(sender: InstanceId, result: Normalised): Normalised {
  const instance = result.kind === "nothing" ? undefined : result.instance;
  if (instance === sender) return result;
  if (instance !== undefined) {
    const detail = "it names another instance than the one it came from";
    return { kind: "rejected", reason: "other_instance", detail, instance: sender };
  }
  if (result.kind === "rejected") return { ...result, instance: sender };
  return { kind: "rejected", reason: "no_instance", detail: "it names no instance", instance: sender };
}
