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
import { writeChatId } from "./chat-codec.ts";
import { writeRecordField } from "./record-codec.ts";

/**
 * Pack the events of several instances as `lua/apply-events.lua` reads them: one argument for all, because each argument
 * costs both ends more than its bytes do.
 */
export function packBatches(batches: readonly InstanceEvents[]): Buffer {
  let target = Buffer.allocUnsafe(4096);
  let end = 0;
  const makeRoom = (bytes: number) => {
    if (end + bytes > target.length) target = Buffer.concat([target], 2 * (end + bytes));
  };
  for (const { events } of batches) {
    const state = newestState(events);
    makeRoom(BATCH_BYTES + UTF8_BYTES_MAX * (state?.state.length ?? 0));
    end = target.writeUInt32BE(lastReceipt(events), end);
    end = target.writeUInt32BE(state?.at ?? 0, end);
    end = writeSized(target, end, target.write(state?.state ?? "", end + 2));
    const start = (end += 4);
    for (const event of events) {
      if (event.kind !== "observation" && event.kind !== "status") continue;
      makeRoom(eventBytesMax(event));
      end = writeEvent(target, end, event);
    }
    target.writeUInt32BE(end - start, start - 4);
  }
  return target.subarray(0, end);
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
const UTF8_BYTES_MAX = 3;
/** What a batch, and an event, take beside their texts. */
const [BATCH_BYTES, EVENT_BYTES] = [14, 24];

function lastReceipt(events: InstanceEvents["events"]): number {
  let last = 0;
  for (const { receivedAt } of events) if (receivedAt > last) last = receivedAt;
  return last;
}

function eventBytesMax(event: MessageEvent): number {
  const characters = event.idMessage.length + (event.chatId?.length ?? 0);
  return EVENT_BYTES + UTF8_BYTES_MAX * characters + DESCRIPTION_BYTES_MAX;
}

/** @returns where it ends, as all that write here do */
function writeEvent(target: Buffer, start: number, event: MessageEvent): number {
  target[start] = kindCode(event);
  target[start + 1] = ORIGINS.indexOf(event.origin);
  target[start + 2] = event.kind === "observation" ? contentTypeCode(event.type) : TYPE_CODE_UNKNOWN;
  target[start + 3] = "reason" in event ? FAILURE_REASONS.indexOf(event.reason) : 0;
  let end = target.writeUInt32BE(event.at, start + 4);
  end = target.writeUInt32BE(event.receivedAt, end);
  end = writeSized(target, end, writeRecordField(target, end + 2, directionOf(event), event.idMessage));
  end = writeSized(target, end, event.chatId === undefined ? 0 : writeChatId(target, end + 2, event.chatId));
  return writeSized(target, end, "reason" in event ? writeDescription(target, end + 2, event.description) : 0);
}

/** The length of what was written after it, in two bytes. */
function writeSized(target: Buffer, start: number, bytes: number): number {
  return target.writeUInt16BE(bytes, start) + bytes;
}

function kindCode(event: MessageEvent): number {
  if (event.kind === "status") return MESSAGE_STATUSES.indexOf(event.status);
  return event.direction === "outgoing" ? OUTGOING_OBSERVATION : INCOMING_OBSERVATION;
}

function writeDescription(target: Buffer, start: number, description = ""): number {
  const text = Buffer.from(description);
  if (text.length <= DESCRIPTION_BYTES_MAX) return text.copy(target, start);
  // Not in the middle of a character.
  const cut = text.subarray(0, DESCRIPTION_BYTES_MAX).toString("utf8");
  return target.write(cut.replace(/\uFFFD+$/, ""), start);
}
