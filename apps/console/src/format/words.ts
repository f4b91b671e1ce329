import type { FailureReason, MessageStatus } from "@ticktally/core";

/** Display names of statuses and reasons. */

interface StatusWord {
  readonly title: string;
  /** The custom property that holds its colour. */
  readonly colour: string;
}

export const STATUS_WORDS: Readonly<Record<MessageStatus, StatusWord>> = {
  pending: { title: "Waiting", colour: "--waiting" },
  yellowCard: { title: "Parked by the gateway", colour: "--waiting" },
  sent: { title: "Sent", colour: "--sent" },
  delivered: { title: "Delivered", colour: "--delivered" },
  read: { title: "Read", colour: "--read" },
  played: { title: "Played", colour: "--played" },
  failed: { title: "Failed", colour: "--failed" },
  noAccount: { title: "No account", colour: "--no-account" },
  notInGroup: { title: "Not in the group", colour: "--failed" },
  noActiveSession: { title: "No active session", colour: "--failed" },
};

const REASON_WORDS: Readonly<Record<FailureReason, string>> = {
  none: "No reason given",
  other: "Another reason",
  file_empty: "The file is empty",
  file_too_large: "The file is too large",
  download_failed: "The file could not be downloaded",
  upload_failed: "The file could not be uploaded",
  uploader_error: "The uploader failed",
  send_file_failed: "The file could not be sent",
  timed_out: "Timed out",
  connection_closed: "The connection was closed",
  group_too_large: "The group is too large",
  edit_window_expired: "Too late to edit",
  not_authenticated: "The instance is not signed in",
  no_account: "No WhatsApp on this number",
  not_in_group: "Not a member of the group",
  no_active_session: "No conversation in the last 24 hours",
  recipient_unreachable: "The recipient cannot be reached",
  engagement_limited: "Held back to protect the recipient",
  opted_out: "The recipient opted out",
  rate_limited: "Too many messages",
  account_limited: "The account is restricted",
  template_rejected: "The template was rejected",
  media_failed: "The media could not be used",
  invalid_request: "The request was invalid",
  payment: "Payment problem",
  gateway_error: "Error at the gateway",
};

/** A word in camel case or snake case as readable text, for values that the page does not know yet. */
function plainWord(word: string): string {
  const spaced = word
    .replaceAll("_", " ")
    .replace(/([a-z])([A-Z])/g, "$1 $2")
    .toLowerCase();
  return spaced.charAt(0).toUpperCase() + spaced.slice(1);
}

/** A reason in words; an unknown one is shown as readable text. */
export function reasonWord(reason: string): string {
  const words: Readonly<Record<string, string>> = REASON_WORDS;
  return words[reason] ?? plainWord(reason);
}

const STATE_WORDS: Readonly<Record<string, string>> = {
  authorized: "Signed in",
  notAuthorized: "Signed out",
  blocked: "Blocked by WhatsApp",
  starting: "Starting",
  yellowCard: "Warned by WhatsApp",
  sleepMode: "Phone unreachable",
};

/** The state of an instance at its gateway. */
export function stateWord(state: string): string {
  return STATE_WORDS[state] ?? plainWord(state);
}

/** Types of messages and actions. */
export const MESSAGE_WORDS: Readonly<Record<string, string>> = {
  text: "Text",
  image: "Picture",
  video: "Video",
  audio: "Voice or audio",
  document: "Document",
  sticker: "Sticker",
  location: "Location",
  contact: "Contact",
  poll: "Poll",
  interactive: "Buttons or list",
  groupInvite: "Group invitation",
  other: "Other",
  unknown: "Not reported",
  edited: "Edit",
  deleted: "Deletion",
  reaction: "Reaction",
  pollUpdate: "Poll vote",
};
