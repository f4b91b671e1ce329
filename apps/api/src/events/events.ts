import { eventsQuery } from "@ticktally/schemas";
import { Router } from "express";
import type { Authoriser } from "../access/authorise.ts";
import { EVENT_STREAM_HEADERS, type EventHub } from "./event-hub.ts";
import { instanceNames } from "../http/instance-names.ts";
import { queryOf } from "../http/request-input.ts";

export interface EventsDeps {
  readonly events: Pick<EventHub, "open">;
  readonly authoriser: Pick<Authoriser, "identity" | "instances" | "isStill">;
}

/**
 * `GET /events?instances=`: live events, until the client disconnects or its token ends. 403 token of another instance, 404 any name
 * unknown, 503 Redis down or too many streams.
 */
export function eventsRoutes({ events, authoriser }: EventsDeps): Router {
  return Router().get("/events", async (req, res) => {
    const identity = await authoriser.identity(req);
    const { caller } = identity;
    const { instances: list } = queryOf(req, eventsQuery);
    const own = caller.kind === "instance" ? [caller.instance] : undefined;
    const names = list === undefined ? own : instanceNames(list);
    const chosen = names && (await authoriser.instances(caller, names));
    if (req.method === "HEAD") {
      res.writeHead(200, EVENT_STREAM_HEADERS).end();
      return;
    }
    await events.open(res, {
      instanceToken: caller.kind === "instance" ? identity.tokenDigest : undefined,
      chosen: chosen && new Map(chosen.map(({ id, name }) => [id, name])),
      lastEventId: req.get("last-event-id") ?? "",
      isAllowed: async () => authoriser.isStill(identity),
    });
  });
}
