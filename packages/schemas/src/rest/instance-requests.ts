import { isInstanceId } from "@ticktally/core";
import { z } from "zod";
import { csvFormat } from "./metrics/csv-format.ts";
import { upstreamSettings } from "./upstream.ts";

/** Requests that create and change instances. An error message continues the field's name. */

/** Numbers beyond 2^53 arrive as their digits, see `parseJsonText`. Digits have no leading zeros, because the gateway sends a number. */
const idInstance = z
  .union([z.number().int().nonnegative(), z.string().refine((id) => isInstanceId(id) && !/^0\d/.test(id))], {
    error: "must be the gateway's idInstance, 1 to 20 digits, or a gateway's name, a colon and the id there",
  })
  .transform(String);

/**
 * Names appear in URLs, comma lists and metric labels. `_other` is the label of the instances beyond the limit, and `all` means all in
 * URLs.
 */
const name = z.string().refine((text) => /^(?!\.+$|_other$|all$)[\w.-]{1,64}$/.test(text) || isInstanceId(text), {
  error: "must be 1 to 64 letters, digits, _, - or ., not only dots, not _other and not all; or the instance's own id",
});

/** The share of an instance's outgoing messages that may fail before the failure alert fires. */
export const failureRatioMax = z.number().gt(0).max(1);

const settings = z
  .strictObject({
    ignoreGroupMessages: z.boolean().optional(),
    failureRatioMax: failureRatioMax.nullable().optional(),
    upstream: upstreamSettings.optional(),
  })
  .meta({ id: "SettingsChange" });
export type SettingsChange = z.infer<typeof settings>;

export const newInstance = z.strictObject({ idInstance, name: name.optional(), settings: settings.optional() });
export type NewInstance = z.infer<typeof newInstance>;

export const instanceChange = z
  .strictObject({ name: name.optional(), settings: settings.optional() })
  .refine((change) => change.name !== undefined || Object.keys(change.settings ?? {}).length > 0, {
    error: "The body must have a `name` or at least one setting",
  });
export type InstanceChange = z.infer<typeof instanceChange>;

export const INSTANCES_A_PAGE = 1_000;

export const instanceListQuery = z.strictObject({
  instanceName: z
    .string()
    .optional()
    .describe("Only these: names or ids, separated by commas, at most 500, in one page."),
  cursor: z.string().max(200).optional().describe("`nextCursor` of the previous page."),
  limit: z.coerce
    .number()
    .int()
    .min(1)
    .max(INSTANCES_A_PAGE)
    .optional()
    .describe(`Instances per page; ${String(INSTANCES_A_PAGE)} if not given.`),
  ...csvFormat,
});
