import type { CookieOptions, Request } from "express";

/** The cookie of the console's session. Scripts cannot read it, and other sites cannot send it. */
export const SESSION_COOKIE = "ticktally_session";

export function cookieOptions(req: Request): CookieOptions {
  return { httpOnly: true, sameSite: "strict", secure: req.secure, path: "/" };
}

/** @returns `undefined` if the request has none */
export function sessionOf(req: Request): string | undefined {
  for (const pair of (req.get("cookie") ?? "").split(";")) {
    const [name, value] = pair.split("=", 2);
    if (name?.trim() === SESSION_COOKIE && value !== undefined && value !== "") return value.trim();
  }
  return undefined;
}
