import { LABEL_WAITING, type LabelStore, type MessageLister } from "@ticktally/core";
import { messageListQuery, type messageListAnswer } from "@ticktally/schemas";
import { Router } from "express";
import type { z } from "zod";
import type { Authoriser } from "../access/authorise.ts";
import { isCsvWanted, sendCsv } from "../csv/send-csv.ts";
import { messagesTable } from "../csv/tables.ts";
import { messageQueryOf } from "./message-query.ts";
import { labelNamesOf } from "./label-names.ts";
import { messageView } from "./message-view.ts";
import { queryOf } from "../http/request-input.ts";

export interface MessageListDeps {
  readonly lists: Pick<MessageLister, "list">;
  readonly labels: Pick<LabelStore, "labelNumbers">;
  readonly authoriser: Authoriser;
  /** Unix ms */
  readonly now: () => number;
}

/**
 * `GET /messages/:instance?status&origin&direction&type&reason&label&olderThan&from&to&tz&cursor&limit`: messages in pages, newest first by
 * when they were first seen. `status=sent&olderThan=10m` finds stuck ones. 403 token of another instance, 404 instance unknown.
 */
export function messageListRoutes({ lists, labels, authoriser, now }: MessageListDeps): Router {
  return Router().get("/messages/:instance", async (req, res) => {
    const caller = await authoriser.caller(req);
    const { format, label, ...asked } = queryOf(req, messageListQuery);
    const query = messageQueryOf(asked, now() / 1000);
    const { id } = await authoriser.instance(caller, req.params.instance);
    // No message has an unknown label.
    const filter = label === undefined ? {} : { label: (await labels.labelNumbers(id)).get(label) ?? LABEL_WAITING };
    const { messages, nextCursor } = await lists.list(id, { ...query, filter: { ...query.filter, ...filter } });
    const names = await labelNamesOf(labels, id, messages);
    const views = messages.map((record) => messageView(record, names));
    if (isCsvWanted(req, format)) return sendCsv(res, messagesTable(views), nextCursor);
    const answer: z.infer<typeof messageListAnswer> = {
      success: true,
      messages: views,
      nextCursor: nextCursor ?? null,
    };
    return res.json(answer);
  });
}
