import { signal } from "@preact/signals";

interface Details {
  readonly retryAfterSeconds?: number | undefined;
  readonly chats?: readonly string[] | undefined;
}

/** What went wrong with a request, in words for the page. */
export class RequestError extends Error {
  readonly status: number;
  readonly code: string;
  /** When to try again, seconds. */
  readonly retryAfterSeconds: number | undefined;
  /** If several messages have the id, their chats. */
  readonly chats: readonly string[];

  constructor(status: number, code: string, message: string, details: Details = {}) {
    super(message);
    this.status = status;
    this.code = code;
    this.retryAfterSeconds = details.retryAfterSeconds;
    this.chats = details.chats ?? [];
  }
}

/** Since when the api has not answered, Unix ms; `undefined` while it does. */
export const disconnectedSince = signal<number | undefined>(undefined);
/** Called when the session has ended: its token was revoked, or its user signed out elsewhere. */
export const signedOut = signal(false);

interface RequestOptions {
  readonly method?: "GET" | "POST" | "PUT" | "PATCH" | "DELETE";
  readonly query?: Readonly<Record<string, string | number | undefined>>;
  readonly body?: unknown;
  readonly signal?: AbortSignal;
}

/** The only place that calls the api. The browser adds the session's cookie. @throws {RequestError} */
export async function request<Answer>(path: string, options: RequestOptions = {}): Promise<Answer> {
  const { method = "GET", query = {}, body, signal: aborted } = options;
  const parameters = Object.entries(query).flatMap(([name, value]) =>
    value === undefined || value === "" ? [] : [[name, String(value)]],
  );
  const text = new URLSearchParams(parameters).toString();
  const response = await fetch(text === "" ? path : `${path}?${text}`, {
    method,
    headers: {
      accept: "application/json",
      ...(method === "GET" ? {} : { "x-ticktally-console": "1" }),
      ...(body === undefined ? {} : { "content-type": "application/json" }),
    },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    ...(aborted === undefined ? {} : { signal: aborted }),
  }).catch((error: unknown) => {
    if (error instanceof DOMException && error.name === "AbortError") throw error;
    disconnectedSince.value ??= Date.now();
    throw new RequestError(0, "disconnected", "Ticktally does not answer. Retrying automatically.");
  });
  const answer: unknown = await response.json().catch(() => undefined);
  if (response.ok) {
    disconnectedSince.value = undefined;
    return answer as Answer;
  }
  if (response.status === 503) disconnectedSince.value ??= Date.now();
  if (response.status === 401) signedOut.value = true;
  throw errorOf(response, answer);
}

function errorOf(response: Response, answer: unknown): RequestError {
  const error = (answer as { error?: { code?: string; message?: string; chats?: string[] } } | undefined)?.error;
  const retryAfter = Number(response.headers.get("retry-after") ?? NaN);
  return new RequestError(
    response.status,
    error?.code ?? "unknown",
    error?.message ?? `The api answered ${String(response.status)}.`,
    { retryAfterSeconds: Number.isFinite(retryAfter) ? retryAfter : undefined, chats: error?.chats },
  );
}
