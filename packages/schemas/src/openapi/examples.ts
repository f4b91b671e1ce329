import type { z } from "zod";
import { failuresAnswer } from "../rest/metrics/failures-answer.ts";
import { messageAnswer } from "../rest/metrics/metrics-answer.ts";
import { seriesOrGroupsAnswer, type groupedSeriesAnswer } from "../rest/metrics/series-answer.ts";
import type { Json } from "./document.ts";

const counts = {
  received: 12,
  sent: 40,
  delivered: 38,
  read: 21,
  played: 0,
  failed: 1,
  noAccount: 1,
  notInGroup: 0,
  noActiveSession: 0,
  messages: 42,
};
const grouped: z.infer<typeof groupedSeriesAnswer> = {
  success: true,
  series: {
    instance: "all",
    from: "2026-10-01T00:00:00.000+02:00",
    to: "2026-11-01T00:00:00.000+01:00",
    completeFrom: "2025-09-27T00:00:00.000+02:00",
    step: "month",
    tz: "Europe/Berlin",
    cohort: "message",
    groupBy: ["instance"],
    groups: [
      {
        key: { instance: "sales" },
        points: [{ at: "2026-10-01T00:00:00.000+02:00", ...counts }],
        totals: counts,
        rates: { deliveredRate: 0.95, readRate: 21 / 38, failureRate: 2 / 42 },
      },
    ],
  },
};
const failures: z.infer<typeof failuresAnswer> = {
  success: true,
  failures: {
    instance: "sales",
    from: null,
    to: null,
    total: 1,
    byStatus: { failed: 0, noAccount: 1, notInGroup: 0, noActiveSession: 0 },
    byReason: [{ status: "noAccount", reason: "no_account", count: 1 }],
    examples: [
      {
        instance: "sales",
        idMessage: "BAE5367237E13A87",
        status: "noAccount",
        reason: "no_account",
        at: "2026-10-30T14:21:09.000Z",
      },
    ],
  },
};
const message: z.infer<typeof messageAnswer> = {
  success: true,
  message: {
    idMessage: "BAE5367237E13A87",
    chatId: "79001234567@c.us",
    direction: "outgoing",
    origin: "api",
    type: "text",
    status: "delivered",
    contradicted: false,
    observedAt: "2026-10-30T14:21:08.000Z",
    timeline: [
      { status: "sent", at: "2026-10-30T14:21:09.000Z", receivedAt: "2026-10-30T14:21:09.000Z" },
      { status: "delivered", at: "2026-10-30T14:21:11.000Z", receivedAt: "2026-10-30T14:21:12.000Z" },
    ],
    labels: ["spring-sale"],
  },
};

/** Examples of answers that are easier to understand with one. A test checks them against their schemas. */
export const EXAMPLES: ReadonlyMap<z.ZodType, unknown> = new Map<z.ZodType, unknown>([
  [seriesOrGroupsAnswer, grouped],
  [failuresAnswer, failures],
  [messageAnswer, message],
]);

export function exampleOf(answer: z.ZodType): Json | undefined {
  return EXAMPLES.get(answer) as Json | undefined;
}
