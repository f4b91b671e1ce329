import type { Request } from "express";

/** Whether a request is one of GREEN-API's clients', which carry their token in the path and expect errors in their own shape. */
export function isGatewayRequest(req: Pick<Request, "path">): boolean {
  return /^\/waInstance/i.test(req.path);
}

/** The token in `/waInstance{id}/{method}/{token}`; "" if there is none that can be read. */
export function gatewayToken(req: Pick<Request, "path">): string {
  const [, token = ""] = /^\/waInstance[^/]*\/[^/]*\/([^/]*)/i.exec(req.path) ?? [];
  try {
    return decodeURIComponent(token);
  } catch {
    return "";
  }
}
