import type { CookieOptions, Request } from "express";

/** The console's session. No script can read it, and no other site can send it. */
export const SESSION_COOKIE = "ticktally_session";

export function cookieOptions(req: Request): CookieOptions {
  return { httpOnly: true, sameSite: "strict", secure: req.secure, path: "/" };
}

/** @returns `undefined` where the request carries none */
export function sessionOf(req: Request): string | undefined {
  for (const pair of (req.get("cookie") ?? "").split(";")) {
    const [name, value] = pair.split("=", 2);
    if (name?.trim() === SESSION_COOKIE && value !== undefined && value !== "") return value.trim();
  }
  return undefined;
}
