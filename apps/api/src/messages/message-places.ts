import { messageOf, type InstanceRegistry, type MessageReader, type RegisteredInstance } from "@ticktally/core";
import type { Pseudonyms } from "@ticktally/gateways";
import type { messagePlacesAnswer } from "@ticktally/schemas";
import { Router } from "express";
import type { z } from "zod";
import { ApiError } from "../http/api-error.ts";
import type { Authoriser } from "../access/authorise.ts";
import { keptId } from "./kept-id.ts";
import { shownChat } from "./message-view.ts";

export interface MessagePlacesDeps {
  readonly messages: Pick<MessageReader, "messagesOf">;
  readonly registry: Pick<InstanceRegistry, "slices">;
  readonly authoriser: Pick<Authoriser, "reader">;
  /** `undefined`: ids are stored unchanged. */
  readonly pseudonyms?: Pseudonyms | undefined;
}

type Place = z.infer<typeof messagePlacesAnswer>["messages"][number];

/** More than one only if two instances are the two ends of a chat, or someone chose the ids. */
const PLACES_MAX = 100;
/** Instances that are read at once. */
const ASKED_AT_ONCE = 100;

/** `GET /messages/all/:idMessage`: the instances that have a message with this id. For the account and read tokens. 404 if none has. */
export function messagePlacesRoutes({ messages, registry, authoriser, pseudonyms }: MessagePlacesDeps): Router {
  return Router().get("/messages/all/:idMessage", async (req, res) => {
    await authoriser.reader(req);
    const places: Place[] = [];
    for await (const slice of registry.slices()) {
      for (let from = 0; from < slice.length && places.length < PLACES_MAX; from += ASKED_AT_ONCE) {
        if (res.destroyed) return;
        const asked = slice.slice(from, from + ASKED_AT_ONCE);
        const found = await Promise.all(asked.map(async (instance) => placesIn(instance, req.params.idMessage)));
        places.push(...found.flat());
      }
      if (places.length >= PLACES_MAX) break;
    }
    if (places.length === 0)
      throw new ApiError("not_found", "Message not found: no instance has a message with this id.");
    const answer: z.infer<typeof messagePlacesAnswer> = { success: true, messages: places.slice(0, PLACES_MAX) };
    res.json(answer);
  });

  async function placesIn({ id, name }: RegisteredInstance, idMessage: string): Promise<readonly Place[]> {
    const directions = ["outgoing", "incoming"] as const;
    const kept = keptId(id, idMessage, pseudonyms);
    const found = await Promise.all(directions.map(async (direction) => messages.messagesOf(id, kept, direction)));
    return found.flatMap((records, i) =>
      records.map((record): Place => {
        const message = messageOf(record);
        const direction = directions[i] ?? "outgoing";
        const status = direction === "incoming" ? null : message.status;
        return { instance: name, idInstance: id, direction, chatId: shownChat(message) ?? null, status };
      }),
    );
  }
}
