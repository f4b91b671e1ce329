import {
  isForgottenChatId,
  messageOf,
  MESSAGE_STATUSES,
  PROGRESS,
  type Message,
  type MessageRecord,
  type Recipient,
} from "@ticktally/core";
import type { Message as MessageAnswer } from "@ticktally/schemas";
import type { LabelNames } from "./label-names.ts";
import { iso } from "../metrics/metrics-view.ts";

/** One message and its timeline. */
export function messageView(record: MessageRecord, names: LabelNames): MessageAnswer {
  const message = messageOf(record);
  const { idMessage, direction, origin, type, status, failure, price, contradicted, observed, recipients } = message;
  const isOutgoing = direction === "outgoing";
  return {
    idMessage,
    chatId: shownChat(message) ?? null,
    direction,
    origin: isOutgoing ? origin : null,
    type,
    status: isOutgoing ? status : null,
    ...(failure === undefined ? {} : { reason: failure.reason }),
    ...(failure?.description === undefined ? {} : { description: failure.description }),
    ...(failure?.code === undefined ? {} : { code: failure.code }),
    ...(price === undefined ? {} : { price }),
    contradicted,
    observedAt: observed === undefined ? null : iso(observed.at),
    timeline: timelineOf(message),
    labels: record.labels.flatMap((label) => names.get(label) ?? []).sort(),
    ...(recipients === undefined ? {} : { recipients: recipients.map(recipientView) }),
  };
}

/** @returns `undefined` if it is unknown or was forgotten */
export function shownChat({ chatId }: Pick<Message, "chatId">): string | undefined {
  return chatId === undefined || isForgottenChatId(chatId) ? undefined : chatId;
}

function recipientView({ chatId, status, at }: Recipient) {
  return { chatId, status, at: iso(at) };
}

function timelineOf({ reported, failure }: Message): MessageAnswer["timeline"] {
  const progress = PROGRESS.flatMap((status) => {
    const moment = reported[status];
    return moment === undefined ? [] : [{ status, ...moment }];
  });
  const all = failure === undefined ? progress : [...progress, failure];
  const order = (status: (typeof MESSAGE_STATUSES)[number]) => MESSAGE_STATUSES.indexOf(status);
  return all
    .toSorted((a, b) => a.at - b.at || order(a.status) - order(b.status))
    .map(({ status, at, receivedAt }) => ({ status, at: iso(at), receivedAt: iso(receivedAt) }));
}
