import { z } from "zod";

const URL_CHARS_MAX = 2_048;

/** `abort`: later checks parse it as a URL. */
const apiUrl = z
  .url({
    protocol: /^https?$/,
    abort: true,
    error: "must be the gateway's address, such as https://7103.api.greenapi.com",
  })
  .max(URL_CHARS_MAX, { abort: true })
  .refine((url) => !/[?#]/.test(url) && new URL(url).username === "", {
    error: "must be only an address, without user, query or fragment",
  })
  .transform(withoutEndSlashes);

const shape = {
  apiUrl,
  /** The gateway's own token for the instance. Sent to the gateway, never shown. */
  apiTokenInstance: z
    .string()
    .regex(/^[\w-]{1,200}$/, "must be the gateway's apiTokenInstance: letters, digits, _ and -"),
  pull: z.boolean().default(false),
  reconcileEveryMinutes: z.number().int().min(0).max(1440).default(60),
};

/** `settings.upstream` in a request: where to reach the instance at its gateway, or `null` to forget it. */
export const upstreamSettings = z.strictObject(shape).nullable();

export const storedUpstream = z.object(shape);

/** `settings.upstream` in an answer. */
export const upstreamView = z
  .object({ apiUrl: z.string(), pull: z.boolean(), reconcileEveryMinutes: z.number().int() })
  .nullable();

function withoutEndSlashes(url: string): string {
  let end = url.length;
  while (url[end - 1] === "/") end -= 1;
  return url.slice(0, end);
}
