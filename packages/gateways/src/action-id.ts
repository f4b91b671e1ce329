import type { ActionType } from "@ticktally/core";

/** As many characters as an `idMessage` may have. */
const ID_CHARS_MAX = 255;

/**
 * The id of an edit, deletion, reaction or vote that came under the id of the very message it acts on, as some products send them: that id is
 * the message's key, and an action is none of what happened to a message. The same webhook, sent again, gives the same id.
 * @param at what the webhook says of its time
 */
export function actionId(idMessage: string, action: ActionType, at: unknown): string {
  const suffix = `~${action}${typeof at === "number" || typeof at === "string" ? `~${at}` : ""}`;
  return idMessage.slice(0, ID_CHARS_MAX - suffix.length) + suffix;
}
