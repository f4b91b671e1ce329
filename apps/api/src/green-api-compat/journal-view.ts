import {
  CHAT_KIND_INDIVIDUAL,
  isFailure,
  messageOf,
  type ContentType,
  type MessageRecord,
  type MessageStatus,
} from "@ticktally/core";
import { shownChat } from "../messages/message-view.ts";
import type { JournalMessage, StatusMessage, StatusStatistic } from "@ticktally/schemas";

/** GREEN-API's word for each of our types; its most common one if ours is broader. */
const TYPE_WORDS: Readonly<Partial<Record<ContentType, string>>> = {
  text: "textMessage",
  image: "imageMessage",
  video: "videoMessage",
  audio: "audioMessage",
  document: "documentMessage",
  sticker: "stickerMessage",
  location: "locationMessage",
  contact: "contactMessage",
  poll: "pollMessage",
  interactive: "interactiveButtons",
  groupInvite: "groupInviteMessage",
};

/** A message in the shape of GREEN-API's journals, without its content. */
export function journalMessage(record: MessageRecord): JournalMessage {
  const message = messageOf(record);
  const { idMessage, direction, type, origin, status } = message;
  const chatId = shownChat(message) ?? "";
  const typeMessage = TYPE_WORDS[type];
  const shared = { idMessage, chatId, ...(typeMessage === undefined ? {} : { typeMessage }) };
  if (direction === "incoming") {
    const sender = chatId !== "" && record.chatKind === CHAT_KIND_INDIVIDUAL ? { senderId: chatId } : {};
    return { type: "incoming", ...shared, timestamp: message.at, ...sender };
  }
  return {
    type: "outgoing",
    ...shared,
    timestamp: message.lastEventAt,
    statusMessage: statusWord(status),
    ...(origin === "unknown" ? {} : { sendByApi: origin === "api" }),
  };
}

/** The status for each recipient of a message; recipients without a status yet are left out. */
export function statusStatistic(record: MessageRecord): StatusStatistic {
  const message = messageOf(record);
  const { recipients = [], status, reported, failure, hasFailed, lastEventAt } = message;
  const at = hasFailed || isFailure(status) ? failure?.at : reported[status]?.at;
  const all =
    recipients.length > 0 ? recipients : [{ chatId: shownChat(message) ?? "", status, at: at ?? lastEventAt }];
  return all
    .filter(({ status }) => status !== "pending" && status !== "yellowCard")
    .map((recipient) => ({
      timestamp: recipient.at,
      participant: recipient.chatId,
      status: statusWord(recipient.status),
    }));
}

function statusWord(status: MessageStatus): StatusMessage {
  return status === "played" ? "read" : status;
}
