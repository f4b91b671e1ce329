import {
  contentTypeCode,
  directionOf,
  FAILURE_REASONS,
  MESSAGE_STATUSES,
  ORIGINS,
  TYPE_CODE_UNKNOWN,
  type InstanceEvents,
  type MessageEvent,
  type StateEvent,
} from "@ticktally/core";
import { ByteWriter } from "./byte-writer.ts";
import { packChatId } from "./chat-codec.ts";
import { recordField } from "./record-codec.ts";

/**
 * Pack the events of several instances as `lua/apply-events.lua` reads them: one argument for all, because each argument
 * costs both ends more than its bytes do.
 */
export function packBatches(batches: readonly InstanceEvents[]): Buffer {
  const writer = new ByteWriter(batches.length * 200);
  for (const { events } of batches) {
    const state = newestState(events);
    writer.uint32(events.reduce((latest, event) => Math.max(latest, event.receivedAt), 0));
    writer.uint32(state?.at ?? 0);
    writer.bytes(Buffer.from(state?.state ?? ""));
    writer.sized(() => {
      for (const event of events) if (event.kind === "observation" || event.kind === "status") packEvent(writer, event);
    });
  }
  return writer.done();
}

/** Of several states told in one batch only the newest matters; of two in one second, the later told. */
export function newestState(events: InstanceEvents["events"]): StateEvent | undefined {
  let newest: StateEvent | undefined;
  for (const event of events) if (event.kind === "state" && event.at >= (newest?.at ?? 0)) newest = event;
  return newest;
}

const OUTGOING_OBSERVATION = MESSAGE_STATUSES.length;
const INCOMING_OBSERVATION = OUTGOING_OBSERVATION + 1;
/** Longer words of a gateway are cut: they embed whole URLs. */
const DESCRIPTION_BYTES_MAX = 500;
const NOTHING = Buffer.alloc(0);

function packEvent(writer: ByteWriter, event: MessageEvent): void {
  writer.uint8(kindCode(event));
  writer.uint8(ORIGINS.indexOf(event.origin));
  writer.uint8(event.kind === "observation" ? contentTypeCode(event.type) : TYPE_CODE_UNKNOWN);
  writer.uint8("reason" in event ? FAILURE_REASONS.indexOf(event.reason) : 0);
  writer.uint32(event.at);
  writer.uint32(event.receivedAt);
  writer.bytes(recordField(directionOf(event), event.idMessage));
  writer.bytes(event.chatId === undefined ? NOTHING : packChatId(event.chatId));
  writer.bytes(descriptionOf(event));
}

function kindCode(event: MessageEvent): number {
  if (event.kind === "status") return MESSAGE_STATUSES.indexOf(event.status);
  return event.direction === "outgoing" ? OUTGOING_OBSERVATION : INCOMING_OBSERVATION;
}

function descriptionOf(event: MessageEvent): Buffer {
  if (!("reason" in event) || event.description === undefined) return NOTHING;
  const text = Buffer.from(event.description);
  if (text.length <= DESCRIPTION_BYTES_MAX) return text;
  // Not in the middle of a character.
  return Buffer.from(
    text
      .subarray(0, DESCRIPTION_BYTES_MAX)
      .toString("utf8")
      .replace(/\uFFFD+$/, ""),
  );
}
