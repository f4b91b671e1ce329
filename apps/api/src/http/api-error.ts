import { InvalidCursorError, TicktallyError } from "@ticktally/core";
import { errorAnswer, gatewayErrorAnswer } from "@ticktally/schemas";
import type { ErrorRequestHandler, Response } from "express";
import type { Logger } from "@ticktally/telemetry";
import { isGatewayRequest } from "./gateway-path.ts";

/** Every error of the API: its status, and a code that programs can rely on. */
const STATUS = {
  bad_request: 400,
  unauthorized: 401,
  forbidden: 403,
  not_found: 404,
  method_not_allowed: 405,
  conflict: 409,
  payload_too_large: 413,
  unsupported_media_type: 415,
  rate_limited: 429,
  unavailable: 503,
} as const;
type ApiErrorCode = keyof typeof STATUS;

/** Thrown by routes; the message is for the person who made the request and says what to do. */
export class ApiError extends Error {
  readonly code: ApiErrorCode;
  /** Additional data for programs. */
  readonly chats: readonly string[] | undefined;

  constructor(code: ApiErrorCode, message: string, { chats }: { readonly chats?: readonly string[] } = {}) {
    super(message);
    this.code = code;
    this.chats = chats;
  }
}

/** The one place that turns errors into answers. An unexpected error is logged, and nothing of it is shown. */
export function errorHandler(logger: Logger): ErrorRequestHandler {
  return (error: unknown, req, res, next) => {
    if (res.headersSent) {
      next(error);
      return;
    }
    if (error instanceof ApiError) sendError(res, error.code, error.message, error.chats);
    else if (error instanceof InvalidCursorError)
      sendError(
        res,
        "bad_request",
        "The cursor did not come from this list; leave it out to start with the first page.",
      );
    else if (error instanceof TicktallyError && error.retryable) {
      sendError(res, "unavailable", "The counts cannot be read or changed now; try again later.");
    } else if (isRequestFault(error)) sendError(res, "bad_request", "The request is malformed.");
    else {
      logger.error(
        { err: error, method: req.method, requestId: res.get("x-request-id") },
        "a request failed unexpectedly",
      );
      sendError(res, "unavailable", "An internal error occurred and was logged; try again.");
    }
  };
}

function sendError(res: Response, code: ApiErrorCode, message: string, chats?: readonly string[]): void {
  const answer = isGatewayRequest(res.req)
    ? gatewayErrorAnswer.parse({ message })
    : errorAnswer.parse({ success: false, error: { code, message, chats } });
  if (code === "unavailable") res.set("retry-after", "5");
  res.status(STATUS[code]).json(answer);
}

/** Express uses 4xx for invalid requests, such as a path that cannot be decoded. */
function isRequestFault(error: unknown): boolean {
  return error instanceof Error && "status" in error && Number(error.status) >= 400 && Number(error.status) < 500;
}
