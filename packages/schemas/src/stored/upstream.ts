import { z } from "zod";

const URL_CHARS_MAX = 2_048;

/** `abort`: what comes after may read it as an address. */
const apiUrl = z
  .url({
    protocol: /^https?$/,
    abort: true,
    error: "must be the gateway's address, such as https://7103.api.greenapi.com",
  })
  .max(URL_CHARS_MAX, { abort: true })
  .refine((url) => !/[?#]/.test(url) && new URL(url).username === "", {
    error: "must be an address alone, without user, query or fragment",
  })
  .transform(withoutEndSlashes);

const shape = {
  apiUrl,
  /** The gateway's own token of the instance. Sent there, never shown. */
  apiTokenInstance: z
    .string()
    .regex(/^[\w-]{1,200}$/, "must be the gateway's apiTokenInstance: letters, digits, _ and -"),
  pull: z.boolean().default(false),
  reconcileEveryMinutes: z.number().int().min(0).max(1440).default(60),
};

/** `settings.upstream` as it is sent: where the instance lives at its gateway, or `null` to forget it. */
export const upstreamSettings = z.strictObject(shape).nullable();

export const storedUpstream = z.object(shape);

/** `settings.upstream` as it is shown. */
export const upstreamView = z
  .object({ apiUrl: z.string(), pull: z.boolean(), reconcileEveryMinutes: z.number().int() })
  .nullable();

function withoutEndSlashes(url: string): string {
  let end = url.length;
  while (url[end - 1] === "/") end -= 1;
  return url.slice(0, end);
}
