import { QUARANTINE_REASONS } from "@ticktally/core";
import { z } from "zod";
import { instanceId } from "./instance-id.ts";

const count = z.number().int().nonnegative();

const reason = z.enum(QUARANTINE_REASONS).meta({ id: "QuarantineReason" });

const entry = z.object({
  id: z.string(),
  reason,
  /** What is wrong; names fields, never their values. */
  detail: z.string(),
  idInstance: z.string().nullable(),
  receivedAt: z.iso.datetime(),
});
export type QuarantineView = z.infer<typeof entry>;

/** `GET /quarantine`: newest first, without the webhooks themselves. `size` counts all, whatever the filter. */
export const quarantineAnswer = z.object({
  success: z.literal(true),
  size: count,
  entries: z.array(entry.meta({ id: "QuarantineEntry" })),
  nextCursor: z.string().nullable(),
});

/** `GET /quarantine/:id`: `webhook` is its JSON with secrets masked, or its text if it is not JSON. */
export const quarantineEntryAnswer = z.object({
  success: z.literal(true),
  entry: entry.extend({ webhook: z.unknown() }),
});

/** `POST /quarantine/replay`: `skipped` are entries that are not webhooks, such as a job that could not be read. */
export const replayAnswer = z.object({ success: z.literal(true), replayed: count, skipped: count });

export const quarantineQuery = z.strictObject({
  reason: reason.optional(),
  instance: instanceId.optional(),
  limit: z.coerce.number().int().min(1).max(1000).default(100),
  cursor: z
    .string()
    .regex(/^\d{1,16}_.{1,200}$/, "must be the `nextCursor` of the previous page")
    .optional(),
});

/** Which entries to replay: some by id, all that match a filter, or all. */
export const replayRequest = z
  .strictObject({
    ids: z.array(z.string()).min(1).max(1000).optional(),
    reason: reason.optional(),
    instance: instanceId.optional(),
    all: z.literal(true).optional(),
  })
  .refine((request) => Object.values(request).some((value) => value !== undefined), {
    error: 'Choose the entries: {"ids": […]}, {"reason": …}, {"instance": …} or {"all": true}',
  });
export type ReplayRequest = z.infer<typeof replayRequest>;
