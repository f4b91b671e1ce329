import type { MessageQuery } from "@ticktally/core";
import type { MessageListQuery } from "@ticktally/schemas";
import { ApiError } from "../http/api-error.ts";
import { momentOf, zoneOf } from "../series/period.ts";

/** The filter of a list of messages. @param now Unix seconds @throws {ApiError} bad_request */
export function messageQueryOf(query: MessageListQuery, now: number): MessageQuery {
  const { status, origin, direction, type, reason, olderThan, tz, cursor, limit } = query;
  const zone = zoneOf(tz);
  if (direction === "incoming" && (status !== undefined || origin !== undefined || reason !== undefined)) {
    throw new ApiError(
      "bad_request",
      "Only outgoing messages have `status`, `origin` and `reason`: leave out direction=incoming.",
    );
  }
  const from = query.from === undefined ? undefined : momentOf("from", query.from, zone);
  const to = query.to === undefined ? undefined : momentOf("to", query.to, zone);
  if (from !== undefined && from >= (to ?? Infinity)) throw new ApiError("bad_request", "`from` must be before `to`.");
  return {
    filter: {
      ...(status === undefined ? {} : { statuses: status }),
      ...(origin === undefined ? {} : { origin }),
      ...(direction === undefined ? {} : { direction }),
      ...(type === undefined ? {} : { type }),
      ...(reason === undefined ? {} : { reason }),
      ...(from === undefined ? {} : { from }),
      ...(to === undefined ? {} : { to }),
      ...(olderThan === undefined ? {} : { unchangedSince: Math.floor(now) - olderThan }),
    },
    limit,
    ...(cursor === undefined ? {} : { cursor }),
  };
}
