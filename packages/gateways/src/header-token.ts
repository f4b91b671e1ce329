/** The token of an `Authorization` header: senders write `Bearer x`, `Basic x` or bare `x`, as users type it into their settings. "" for none. */
export function headerToken(authorization: string | undefined): string {
  return (authorization ?? "").replace(/^(?:bearer|basic)\s+/i, "").trim();
}
