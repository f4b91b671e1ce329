import { messageOf, type Direction, type LabelStore, type MessageReader } from "@ticktally/core";
import type { Pseudonyms } from "@ticktally/gateways";
import { messageQuery, type messageAnswer } from "@ticktally/schemas";
import { Router } from "express";
import type { z } from "zod";
import { ApiError } from "../http/api-error.ts";
import type { Authoriser } from "../access/authorise.ts";
import { keptChat, keptId } from "./kept-id.ts";
import { labelNamesOf } from "./label-names.ts";
import { messageView, shownChat } from "./message-view.ts";
import { queryOf } from "../http/request-input.ts";

export interface MessagesDeps {
  readonly messages: Pick<MessageReader, "messagesOf">;
  readonly labels: Pick<LabelStore, "labelNumbers">;
  readonly authoriser: Pick<Authoriser, "caller" | "instances">;
  readonly pseudonyms?: Pseudonyms | undefined;
}

/**
 * `GET /messages/:instance/:idMessage?chatId`: one message and its timeline. 403 token of another instance, 404 instance or message
 * unknown, 409 messages in several chats have the id, 503 Redis down. A message to oneself is stored twice under one id; the sent one is
 * shown.
 */
export function messageRoutes({ messages, labels, authoriser, pseudonyms }: MessagesDeps): Router {
  return Router().get("/messages/:instance/:idMessage", async (req, res) => {
    const caller = await authoriser.caller(req);
    const [instance] = await authoriser.instances(caller, [req.params.instance]);
    const { chatId } = queryOf(req, messageQuery);
    const chat = chatId === undefined ? undefined : keptChat(chatId, pseudonyms);
    const find = async (direction: Direction) => {
      if (instance === undefined) return [];
      const id = keptId(instance.id, req.params.idMessage, pseudonyms);
      return messages.messagesOf(instance.id, id, direction, chat);
    };
    const sent = await find("outgoing");
    const records = sent.length > 0 ? sent : await find("incoming");
    const [record] = records;
    if (records.length > 1) {
      const chats = records.flatMap((one) => shownChat(messageOf(one)) ?? []);
      throw new ApiError("conflict", "Several messages have this id, in different chats: choose one with `chatId`.", {
        chats,
      });
    }
    if (record === undefined || instance === undefined) {
      throw new ApiError("not_found", "Message not found: no webhook has reported it yet, or its record has expired.");
    }
    const names = await labelNamesOf(labels, instance.id, [record]);
    const answer: z.infer<typeof messageAnswer> = { success: true, message: messageView(record, names) };
    res.json(answer);
  });
}
