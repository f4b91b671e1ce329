import type { ContentType } from "@ticktally/core";

const TYPE_BY_WORD: ReadonlyMap<string, ContentType> = new Map<string, ContentType>([
  ["textmessage", "text"],
  ["extendedtextmessage", "text"],
  ["quotedmessage", "text"],
  ["imagemessage", "image"],
  ["videomessage", "video"],
  ["audiomessage", "audio"],
  ["documentmessage", "document"],
  ["stickermessage", "sticker"],
  ["locationmessage", "location"],
  ["livelocationmessage", "location"],
  ["contactmessage", "contact"],
  ["contactsarraymessage", "contact"],
  ["pollmessage", "poll"],
  ["pollcreationmessage", "poll"],
  ["buttonsmessage", "interactive"],
  ["listmessage", "interactive"],
  ["templatemessage", "interactive"],
  ["buttonsresponsemessage", "interactive"],
  ["templatebuttonsreplymessage", "interactive"],
  ["templatebuttonreplymessage", "interactive"],
  ["listresponsemessage", "interactive"],
  ["interactivebuttons", "interactive"],
  ["interactivebuttonsreply", "interactive"],
  ["interactivebuttonsresponse", "interactive"],
  ["groupinvitemessage", "groupInvite"],
  ["editedmessage", "edited"],
  ["deletedmessage", "deleted"],
  ["reactionmessage", "reaction"],
  ["pollupdatemessage", "pollUpdate"],
]);

/** Gateways vary in the case of these words (`ContactsArrayMessage`), so case is ignored. */
export function contentType(typeMessage: string | undefined): ContentType {
  if (typeMessage === undefined || typeMessage === "") return "unknown";
  return TYPE_BY_WORD.get(typeMessage.toLowerCase()) ?? "other";
}
