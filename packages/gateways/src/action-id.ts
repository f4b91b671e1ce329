import type { ActionType } from "@ticktally/core";

/** The maximum length of an `idMessage`. */
const ID_CHARS_MAX = 255;

/**
 * A separate id for an edit, deletion, reaction or vote that came under the id of the message it acts on, as some products send them: that
 * id is the message's key, and an action is not a status of the message. The same webhook sent again gives the same id.
 * @param at the time in the webhook
 */
export function actionId(idMessage: string, action: ActionType, at: unknown): string {
  const suffix = `~${action}${typeof at === "number" || typeof at === "string" ? `~${at}` : ""}`;
  return idMessage.slice(0, ID_CHARS_MAX - suffix.length) + suffix;
}
