import { FAILURE_REASONS, MESSAGE_STATUSES } from "@ticktally/core";
import { z } from "zod";
import { directionWord } from "./words.ts";

/** `GET /events` */
export const eventsQuery = z.object({
  instances: z
    .string()
    .optional()
    .describe("Names or ids of instances, separated by commas; without it, all that the token may read."),
});

const status = z.enum(MESSAGE_STATUSES).nullable();

/** `data:` of an event `message`: a message that is new or whose status changed. */
export const messageEventData = z.object({
  idMessage: z.string(),
  /** The instance's name. */
  instance: z.string(),
  direction: directionWord,
  /** `null` for a new message, and for an incoming one. */
  before: status,
  /** `null` for an incoming message. */
  after: status,
  /** Since when it has its status, or when it arrived. */
  at: z.iso.datetime(),
  reason: z.enum(FAILURE_REASONS).optional(),
});
export type MessageEventData = z.infer<typeof messageEventData>;

/** `data:` of an event `counts`: what was counted since the previous one. */
export const countsEventData = z.object({
  /** Names of instances with new counts, at most 500. */
  instances: z.array(z.string()),
  /** There are more than 500. */
  more: z.boolean(),
  /** How many events `message` were left out, because there were more than 50 a second or the reader was too slow. */
  skipped: z.int().nonnegative(),
  /** The events since `Last-Event-ID` are no longer available: load everything again. */
  missed: z.boolean(),
});
export type CountsEventData = z.infer<typeof countsEventData>;
