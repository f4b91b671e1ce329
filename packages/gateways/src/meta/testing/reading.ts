import type { InstanceEvent } from "@ticktally/core";
import { meta } from "../meta.ts";

/** Unix seconds */
export const RECEIVED_AT = 1_790_000_100;
export const SIGNAL = [{ kind: "signal", receivedAt: RECEIVED_AT }];

/** The result for each part of a body: its events, or why it is rejected. */
export function read(body: unknown): readonly unknown[] {
  return meta.split(meta.parse(JSON.stringify(body))).map((part) => {
    const result = meta.toEvents(part, RECEIVED_AT);
    if (result.kind === "events") return withoutUndefined(result.events);
    return result.kind === "nothing"
      ? "nothing"
      : result.instance === undefined
        ? `${result.reason} without an instance`
        : `${result.reason} of ${result.instance}`;
  });
}

function withoutUndefined(events: readonly InstanceEvent[]): unknown {
  return JSON.parse(JSON.stringify(events));
}
