import { CHAT_SERVERS, chatIdParts, chatKindCode } from "@ticktally/core";

/**
 * The kind of a chat as version 0.1 derived it from the id, except lists, which it took for stories; a place in `CHAT_KINDS`. In later
 * versions the gateway's adapter states the kind.
 */
export function oldChatKind(chatId: string): number {
  const { server, user } = chatIdParts(chatId);
  switch (CHAT_SERVERS[server]) {
    case "g.us":
      return GROUP;
    case "newsletter":
      return CHANNEL;
    case "broadcast":
      return user === "status" || user === "" ? STATUS : LIST;
    default:
      return /^-\d+$/.test(chatId) ? GROUP : INDIVIDUAL;
  }
}

const [INDIVIDUAL, GROUP, CHANNEL] = [chatKindCode("individual"), chatKindCode("group"), chatKindCode("channel")];
const [STATUS, LIST] = [chatKindCode("status"), chatKindCode("broadcast")];
