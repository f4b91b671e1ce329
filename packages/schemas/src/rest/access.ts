import { z } from "zod";

/** Read tokens, and the sessions of the console. */

const success = z.literal(true);

/** What Redis stores about a read token, under the token's SHA-256. */
export const storedReadToken = z.object({
  id: z.string(),
  name: z.string(),
  /** Unix seconds */
  createdAt: z.number().int().nonnegative(),
});
export type StoredReadToken = z.infer<typeof storedReadToken>;

/** `POST /tokens` */
export const newReadToken = z.strictObject({
  name: z.string().trim().min(1).max(64).describe("Its purpose, to distinguish it from others."),
  scope: z.literal("read"),
});

/** `POST /tokens`: the token is shown only here. */
export const readTokenCreatedAnswer = z.object({ success, id: z.string(), token: z.string() });

/** `GET /tokens`: oldest first. */
export const readTokensAnswer = z.object({
  success,
  tokens: z.array(
    z.object({
      id: z.string(),
      name: z.string(),
      scope: z.literal("read"),
      createdAt: z.iso.datetime(),
      lastUsedAt: z.iso.datetime().nullable().describe("To the minute; `null` until it is used."),
    }),
  ),
});

/** `POST /session` */
export const newSession = z.strictObject({ token: z.string().trim().min(1).max(512) });

/** Who a request's token or session belongs to. */
export const sessionAnswer = z
  .object({
    success,
    session: z.object({
      kind: z.enum(["account", "read", "instance"]),
      name: z.string().describe("`account`, the read token's name, or the instance's."),
      idInstance: z.string().nullable().describe("For an instance's token."),
    }),
  })
  .meta({ id: "SessionAnswer" });
