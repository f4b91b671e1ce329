/**
 * The token of an `Authorization` header, "" for none.
 * @param schemes that gateways use: `Bearer x`, `Basic x` or bare `x`, as users type it into their settings
 */
export function headerToken(authorization: string | undefined, schemes: "gateway" | "bearer" = "gateway"): string {
  const scheme = schemes === "gateway" ? /^(?:bearer|basic)\s+/i : /^bearer\s+/i;
  return (authorization ?? "").replace(scheme, "").trim();
}
