import type { OutboundNetworks } from "@ticktally/schemas";
import { request, type Agent, type Dispatcher } from "undici";
import { AddressNotAllowedError, outboundAgent } from "./outbound-agent.ts";

export interface PostRequest {
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Buffer;
  /** From now until the status arrives. */
  readonly timeoutMs: number;
  /** Aborts the request. */
  readonly signal?: AbortSignal;
}

/** Why no status arrived. A closed set, because it is a metric label. */
type PostFault = "timeout" | "refused" | "closed" | "dns" | "tls" | "blocked" | "stopped" | "other";

/** The result of one request: the status, or why there is none. */
export interface PostOutcome {
  readonly status: number | PostFault;
  readonly durationMs: number;
  /** The wait that a `Retry-After` asks for. */
  readonly retryAfterMs?: number;
}

/** This much of an answer's body is read, so that the connection can be reused. A longer body closes the connection. */
const ANSWER_BYTES_MAX = 4_096;
const ANSWER_MS_MAX = 2_000;
/** Limit per connection: a thousand typical answers. */
const ANSWERS_BYTES_PER_SECOND_MAX = 4 * 1024 * 1024;

/** The agent to post with. */
export function postingAgent(networks: OutboundNetworks): Agent {
  return outboundAgent(networks, { receivedBytesPerSecondMax: ANSWERS_BYTES_PER_SECOND_MAX });
}

/**
 * Post once. Redirects are not followed, and the answer's body is not kept: it could be a page of an internal network.
 * @param agent connects only to allowed addresses, see `postingAgent`
 */
export async function postTo(
  agent: Dispatcher,
  { url, headers, body, timeoutMs, signal }: PostRequest,
): Promise<PostOutcome> {
  const startedAt = performance.now();
  const late = AbortSignal.timeout(timeoutMs);
  const took = () => Math.round(performance.now() - startedAt);
  try {
    const answer = await request(url, {
      method: "POST",
      headers,
      body,
      dispatcher: agent,
      signal: signal === undefined ? late : AbortSignal.any([late, signal]),
      // The signal decides: undici's own limit is 300 s.
      headersTimeout: 0,
    });
    const outcome = { status: answer.statusCode, durationMs: took(), ...retryAfter(answer.headers["retry-after"]) };
    await answer.body
      .dump({ limit: ANSWER_BYTES_MAX, signal: AbortSignal.timeout(ANSWER_MS_MAX) })
      .catch(() => undefined);
    return outcome;
  } catch (error) {
    if (signal?.aborted === true) return { status: "stopped", durationMs: took() };
    return { status: late.aborted ? "timeout" : faultOf(error), durationMs: took() };
  }
}

function faultOf(error: unknown): PostFault {
  for (let cause = error; cause instanceof Error; cause = cause.cause) {
    if (cause instanceof AddressNotAllowedError) return "blocked";
    const code = "code" in cause ? String(cause.code) : "";
    const known = CODES.find(([pattern]) => pattern.test(code));
    if (known !== undefined) return known[1];
    // Only some errors have a code.
    if (cause.name === "HTTPParserError") return "closed";
    if (cause instanceof AggregateError && cause.errors.length > 0) return faultOf(cause.errors[0]);
  }
  return "other";
}

const CODES: readonly (readonly [RegExp, PostFault])[] = [
  [/TIMEOUT|TIMEDOUT/, "timeout"],
  [/^ECONNREFUSED$|^EHOSTUNREACH$|^ENETUNREACH$/, "refused"],
  [/^ECONNRESET$|^EPIPE$|^UND_ERR_SOCKET$|^HPE_/, "closed"],
  [/^ENOTFOUND$|^EAI_/, "dns"],
  [/CERT|^ERR_TLS|^ERR_SSL|^EPROTO$|^DEPTH_ZERO|^UNABLE_TO/, "tls"],
];

/** Seconds, or a date. */
function retryAfter(header: string | string[] | undefined): { readonly retryAfterMs?: number } {
  if (typeof header !== "string") return {};
  const seconds = /^\d{1,7}$/.test(header.trim()) ? Number(header) : (Date.parse(header) - Date.now()) / 1000;
  return Number.isFinite(seconds) && seconds > 0 ? { retryAfterMs: Math.round(seconds * 1000) } : {};
}
