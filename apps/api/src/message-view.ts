import {
  currentStatus,
  isForgottenChatId,
  MESSAGE_STATUSES,
  PROGRESS,
  type MessageRecord,
  type Recipient,
} from "@ticktally/core";
import type { Message } from "@ticktally/schemas";
import { iso } from "./metrics-view.ts";

/** One message and what became of it, in order of time. */
export function messageView(record: MessageRecord): Message {
  const { idMessage, direction, origin, type, state, failure, contradicted, observed } = record;
  const isOutgoing = direction === "outgoing";
  return {
    idMessage,
    chatId: shownChat(record) ?? null,
    direction,
    origin: isOutgoing ? origin : null,
    type,
    status: isOutgoing ? currentStatus(state) : null,
    ...(failure === undefined ? {} : { reason: failure.reason }),
    ...(failure?.description === undefined ? {} : { description: failure.description }),
    contradicted,
    observedAt: observed === undefined ? null : iso(observed.at),
    timeline: timelineOf(record),
    ...(record.recipients === undefined ? {} : { recipients: record.recipients.map(recipientView) }),
  };
}

/** @returns `undefined` for one that is not known, or was forgotten */
export function shownChat({ chatId }: Pick<MessageRecord, "chatId">): string | undefined {
  return chatId === undefined || isForgottenChatId(chatId) ? undefined : chatId;
}

function recipientView({ chatId, state, at }: Recipient) {
  return { chatId, status: currentStatus(state), at: iso(at) };
}

function timelineOf({ seen, failure }: MessageRecord): Message["timeline"] {
  const progress = PROGRESS.flatMap((status) => {
    const moment = seen[status];
    return moment === undefined ? [] : [{ status, ...moment }];
  });
  const all = failure === undefined ? progress : [...progress, failure];
  const order = (status: (typeof MESSAGE_STATUSES)[number]) => MESSAGE_STATUSES.indexOf(status);
  return all
    .toSorted((a, b) => a.at - b.at || order(a.status) - order(b.status))
    .map(({ status, at, receivedAt }) => ({ status, at: iso(at), receivedAt: iso(receivedAt) }));
}
