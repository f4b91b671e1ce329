import type { MessageReader } from "@ticktally/core";
import type { messageAnswer } from "@ticktally/schemas";
import { Router } from "express";
import type { z } from "zod";
import { ApiError } from "../api-error.ts";
import type { Authoriser } from "../authorise.ts";
import { messageView } from "../message-view.ts";

export interface MessagesDeps {
  readonly messages: MessageReader;
  readonly authoriser: Authoriser;
}

/**
 * `GET /messages/:instance/:idMessage`: one message and its timeline. 403 token of another instance, 404 instance or message
 * unknown, 503 Redis down. A message to oneself is kept twice under one id; the sent one is shown.
 */
export function messageRoutes({ messages, authoriser }: MessagesDeps): Router {
  return Router().get("/messages/:instance/:idMessage", async (req, res) => {
    const caller = await authoriser.caller(req);
    const [instance] = await authoriser.instances(caller, [req.params.instance]);
    const find = async (direction: "outgoing" | "incoming") =>
      instance && messages.message(instance.id, req.params.idMessage, direction);
    const record = (await find("outgoing")) ?? (await find("incoming"));
    if (record === undefined) {
      throw new ApiError(
        "not_found",
        "Message not found: no webhook named it, or its record has expired.",
      );
    }
    const answer: z.infer<typeof messageAnswer> = { success: true, message: messageView(record) };
    res.json(answer);
  });
}
