import type { InstanceId, Upstream } from "@ticktally/core";
import { z } from "zod";
import { parseJsonText } from "../json/exact-json.ts";
import type { GatewayUpstream, UpstreamRequest } from "../upstream.ts";
import { elementOf, entryOf, parseEntry, statusWebhookOf, webhooksOf } from "./journal-entry.ts";
import { setup } from "./setup.ts";
import { unixSeconds } from "./shapes.ts";
import { parseNotificationText } from "./webhook-text.ts";

/** GREEN-API's own API: `{apiUrl}/waInstance{idInstance}/{method}/{apiTokenInstance}`. */
export const upstream: GatewayUpstream = {
  // Its code for an exhausted quota.
  limitedBy: [466],
  journals: {
    requests: (instance, settings, minutes) => [
      { request: get("lastOutgoingMessages", instance, settings, `?minutes=${minutes}`), direction: "outgoing" },
      { request: get("lastIncomingMessages", instance, settings, `?minutes=${minutes}`), direction: "incoming" },
    ],
    parse: parseEntry,
    entryOf,
    webhooksOf,
  },
  recipients: {
    // It reports them only for stories.
    isAskedFor: ({ direction, chatKind }) => direction === "outgoing" && chatKind === "status",
    request: (instance, settings, { idMessage }) =>
      get("getStatusStatistic", instance, settings, `?idMessage=${encodeURIComponent(idMessage)}`),
    statusOf: (text) => {
      const { data } = statusStatistic.safeParse(parseJsonText(text));
      return data && { chatIds: data.participant, status: data.status, at: data.timestamp };
    },
    webhooksOf: (instance, entry, { chatIds, status, at }) => {
      const element = elementOf(entry);
      if (element === undefined) return [];
      const reported = { ...element, statusMessage: status, timestamp: at };
      return chatIds.map((chatId) => statusWebhookOf(instance, { ...reported, chatId }));
    },
  },
  notifications: {
    receive: (instance, settings, waitSeconds) =>
      get("receiveNotification", instance, settings, `?receiveTimeout=${waitSeconds}`),
    parse: parseNotificationText,
    read: (answer) => {
      if (isNothing(answer)) return "nothing";
      const { data } = notification.safeParse(answer);
      return data && { receipt: data.receiptId, body: data.body };
    },
    remove: (instance, settings, receipt) => ({
      ...get("deleteNotification", instance, settings, `/${receipt}`),
      method: "DELETE",
    }),
    isRemoved: (answer) => notificationDeleted.safeParse(answer).data?.result === true,
  },
  setup,
};

function get(
  name: string,
  instance: InstanceId,
  { apiTokenInstance }: Pick<Upstream, "apiTokenInstance">,
  rest: string,
): UpstreamRequest {
  return { name, method: "GET", path: `/waInstance${instance}/${name}/${apiTokenInstance}${rest}` };
}

/** One element of `getStatusStatistic`. The documentation calls `participant` an array and shows a string. */
const statusStatistic = z.object({
  timestamp: unixSeconds,
  participant: z.union([
    z
      .string()
      .max(128)
      .transform((one) => [one]),
    z.array(z.string().max(128)).max(1000),
  ]),
  status: z.string().max(128),
});

/** `receiveNotification`, when a notification waits. */
const notification = z.object({
  receiptId: z.union([z.number().int(), z.string().regex(/^\d{1,20}$/)]).transform(String),
  body: z.unknown(),
});

/** `deleteNotification`: a failure is reported in a 200. */
const notificationDeleted = z.object({ result: z.boolean() });

/** Nothing waits: `null`, an empty body, or `{}`. */
function isNothing(answer: unknown): boolean {
  return answer === null || (typeof answer === "object" && Object.keys(answer).length === 0);
}
