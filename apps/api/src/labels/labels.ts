import {
  LABELS_A_MESSAGE_MAX,
  LABELS_MAX,
  UnknownInstanceError,
  WAITING_IDS_MAX,
  type InstanceId,
  type LabelledId,
  type LabelStore,
  type Labelling,
} from "@ticktally/core";
import type { Pseudonyms } from "@ticktally/gateways";
import {
  labelName,
  labelQuery,
  labelRequest,
  type doneAnswer,
  type LabelRequest,
  type labelsAnswer,
  type labelSetAnswer,
} from "@ticktally/schemas";
import { Router } from "express";
import type { z } from "zod";
import { ApiError } from "../http/api-error.ts";
import type { Authoriser } from "../access/authorise.ts";
import { keptChat, keptId } from "../messages/kept-id.ts";
import { bodyOf, queryOf } from "../http/request-input.ts";

export interface LabelsDeps {
  readonly labels: LabelStore;
  readonly authoriser: Authoriser;
  readonly pseudonyms?: Pseudonyms | undefined;
}

/** Room for 1,000 of the longest ids, each with a chat. */
const BODY_BYTES_MAX = 1024 * 1024;

/**
 * `GET /labels?instance`, `PUT /labels/:label { instance, idMessages }`, `DELETE /labels/:label?instance`: names that users give to
 * outgoing messages. 403 token of another instance, or a read token for a change; 404 instance or label unknown; 409 there would be too
 * many.
 */
export function labelRoutes({ labels, authoriser, pseudonyms }: LabelsDeps): Router {
  const router = Router();

  router.get("/labels", async (req, res) => {
    const caller = await authoriser.caller(req);
    const { id } = await authoriser.instance(caller, queryOf(req, labelQuery).instance);
    const answer: z.infer<typeof labelsAnswer> = { success: true, labels: [...(await labels.labels(id))] };
    res.json(answer);
  });

  router.put("/labels/:label", async (req, res) => {
    await authoriser.owner(req);
    const label = nameOf(req.params.label);
    const body = await bodyOf(req, res, labelRequest, { bytesMax: BODY_BYTES_MAX });
    const { id, name } = await authoriser.instance(await authoriser.caller(req), body.instance);
    const done = await labels.label(id, label, idsOf(id, body, pseudonyms)).catch((error: unknown) => {
      // Deleted since its name was looked up.
      if (error instanceof UnknownInstanceError) throw new ApiError("not_found", `Instance not found: ${name}`);
      throw error;
    });
    if (done.refusal !== undefined) throw new ApiError("conflict", REFUSALS[done.refusal]);
    const { labelled } = done;
    const answer: z.infer<typeof labelSetAnswer> = { success: true, label, instance: name, labelled };
    res.json(answer);
  });

  router.delete("/labels/:label", async (req, res) => {
    await authoriser.owner(req);
    const label = nameOf(req.params.label);
    const { id, name } = await authoriser.instance(await authoriser.caller(req), queryOf(req, labelQuery).instance);
    if (!(await labels.deleteLabel(id, label)))
      throw new ApiError("not_found", `Label not found in ${name}: GET /labels lists the existing ones.`);
    const answer: z.infer<typeof doneAnswer> = { success: true, message: `Label ${label} and its counts deleted` };
    res.json(answer);
  });

  return router;
}

const REFUSALS: Readonly<Record<NonNullable<Labelling["refusal"]>, string>> = {
  too_many_labels: `The instance has ${String(LABELS_MAX)} labels, which is the maximum: delete one first. Nothing was labelled.`,
  too_many_of_message: `One of the messages has ${String(LABELS_A_MESSAGE_MAX)} labels, which is the maximum: leave it out, or delete a label. Nothing was labelled.`,
  too_many_waiting: `At most ${String(WAITING_IDS_MAX)} ids may wait for their webhooks: check that the ids are those of this instance, or label messages after they are sent. Nothing was labelled.`,
};

/** @throws {ApiError} bad_request */
function nameOf(given: string): string {
  const name = labelName.safeParse(given);
  if (name.success) return name.data;
  throw new ApiError("bad_request", "A label must have 1 to 64 printable characters, and no space at either end.");
}

/** In the form that messages are stored under. @throws {ApiError} bad_request */
function idsOf(instance: InstanceId, { idMessages }: LabelRequest, pseudonyms: Pseudonyms | undefined): LabelledId[] {
  return idMessages.map((given) => {
    const { idMessage, chatId } = typeof given === "string" ? { idMessage: given } : given;
    const id = keptId(instance, idMessage.toWellFormed(), pseudonyms);
    if (chatId === undefined) return { idMessage: id };
    const chat = keptChat(chatId, pseudonyms);
    if (chat === undefined)
      throw new ApiError("bad_request", "`chatId` must be a chat's id, such as 79001234567@c.us.");
    return { idMessage: id, chatId: chat };
  });
}
