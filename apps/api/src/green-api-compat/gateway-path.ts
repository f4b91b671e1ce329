import type { Request, RequestHandler } from "express";

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

/** Clients of MAX put `/v3` before the same paths: from here on they are the same. */
export const withoutProductPrefix: RequestHandler = (req, _res, next) => {
  req.url = req.url.replace(/^\/v3(?=\/waInstance)/i, "");
  next();
};
