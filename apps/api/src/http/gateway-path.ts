import type { Request, RequestHandler } from "express";

/** Whether a request is from a GREEN-API client. These send the token in the path and expect errors in GREEN-API's shape. */
export function isGatewayRequest(req: Pick<Request, "path">): boolean {
  return /^\/waInstance/i.test(req.path);
}

/** The token in `/waInstance{id}/{method}/{token}`; "" if there is none or it cannot be decoded. */
export function gatewayToken(req: Pick<Request, "path">): string {
  const [, token = ""] = /^\/waInstance[^/]*\/[^/]*\/([^/]*)/i.exec(req.path) ?? [];
  try {
    return decodeURIComponent(token);
  } catch {
    return "";
  }
}

/** Clients of MAX use the same paths below `/v3`; the prefix is removed here. */
export const withoutProductPrefix: RequestHandler = (req, _res, next) => {
  req.url = req.url.replace(/^\/v3(?=\/waInstance)/i, "");
  next();
};
