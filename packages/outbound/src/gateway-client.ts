import type { Upstream } from "@ticktally/core";
import { NoListError, type GatewayUpstream, type Sifted, type UpstreamRequest } from "@ticktally/gateways";
import type { ReconcileOutcome } from "@ticktally/schemas";
import { fetch, type Dispatcher, type Response } from "undici";
import { AddressNotAllowedError } from "./outbound-agent.ts";

export type GatewayFault = Exclude<ReconcileOutcome, "ok" | "no_upstream">;

/** The gateway's answer is missing or unusable. The message names method and host, never the URL, which contains the token. */
export class GatewayError extends Error {
  readonly fault: GatewayFault;
  /** How long it asks us to wait. */
  readonly retryAfterMs: number | undefined;

  constructor(fault: GatewayFault, message: string, retryAfterMs?: number) {
    super(message);
    this.fault = fault;
    this.retryAfterMs = retryAfterMs;
  }
}

interface ClientOptions {
  /** The gateway's API, from its adapter. */
  readonly api: GatewayUpstream;
  readonly upstream: Upstream;
  /** Connects only to allowed addresses, see `outboundAgent`. */
  readonly agent: Dispatcher;
  /** Aborts requests in progress. */
  readonly signal: AbortSignal;
}

/** A journal of 10,000 messages with thumbnails is smaller; it is never in memory as a whole. */
const LIST_BYTES_MAX = 64 * 1024 * 1024;
/** The default size limit of a webhook at ingest. */
const BODY_BYTES_MAX = 5 * 1024 * 1024;
const TIMEOUT_MS = 20_000;
const JSON_TYPE = { "content-type": "application/json" };

/** A client of the gateway's API for one instance. */
export class GatewayClient {
  readonly #options: ClientOptions;

  constructor(options: ClientOptions) {
    this.#options = options;
  }

  /**
   * @returns the parsed answer, abridged if it is long; `null` for an empty one
   * @throws {GatewayError} or the reason of `signal`
   */
  async ask(request: UpstreamRequest, timeoutMs?: number): Promise<unknown> {
    const { notifications } = this.#options.api;
    return this.#asked(request, timeoutMs, async (body) => {
      const text = await textOf(bounded(body, BODY_BYTES_MAX));
      return text.trim() === "" ? null : notifications.parse(text);
    });
  }

  /**
   * @param sift parses a list while it arrives
   * @throws {GatewayError} or the reason of `signal`
   */
  async askList<Element>(
    request: UpstreamRequest,
    sift: (pieces: AsyncIterable<Uint8Array>) => Promise<Sifted<Element>>,
  ): Promise<Sifted<Element>> {
    return this.#asked(request, undefined, async (body) => sift(bounded(body, LIST_BYTES_MAX)));
  }

  async #asked<Answer>(
    { name, method, path, body }: UpstreamRequest,
    timeoutMs = TIMEOUT_MS,
    read: (body: Response["body"]) => Promise<Answer>,
  ): Promise<Answer> {
    const { api, agent, signal: stopping, upstream } = this.#options;
    const { apiUrl } = upstream;
    const asked = `${name} at ${new URL(apiUrl).host}`;
    const timeout = AbortSignal.timeout(timeoutMs);
    try {
      // A redirect would carry the token elsewhere.
      const signal = AbortSignal.any([stopping, timeout]);
      const sent = body === undefined ? {} : { headers: JSON_TYPE, body: JSON.stringify(body) };
      const response = await fetch(apiUrl + path, { method, redirect: "error", signal, dispatcher: agent, ...sent });
      if (!response.ok) throw await refusal(response, asked, api.limitedBy);
      return await read(response.body);
    } catch (error) {
      if (error instanceof GatewayError) throw error;
      stopping.throwIfAborted();
      if (timeout.aborted) throw new GatewayError("timeout", `${asked} took longer than ${String(timeoutMs / 1000)} s`);
      const unreadable = unreadableAs(error);
      if (unreadable !== undefined) throw new GatewayError("unreadable", `${asked} answered ${unreadable}`);
      throw new GatewayError("unavailable", `${asked} cannot be reached or broke off: ${causeOf(error)}`);
    }
  }
}

/** Describes an unusable answer; `undefined` for other errors. */
function unreadableAs(error: unknown): string | undefined {
  if (error instanceof TooLongError) return error.message;
  if (error instanceof NoListError) return "something that is not a list";
  return error instanceof SyntaxError ? "something that is not JSON" : undefined;
}

class TooLongError extends Error {}

async function refusal(response: Response, asked: string, limitedBy: readonly number[]): Promise<GatewayError> {
  await response.body?.cancel();
  const message = `${asked} answered ${String(response.status)}`;
  return new GatewayError(
    faultOf(response.status, limitedBy),
    message,
    retryAfterMs(response.headers.get("retry-after")),
  );
}

function faultOf(status: number, limitedBy: readonly number[]): GatewayFault {
  if (status === 401 || status === 403) return "refused";
  if (status === 429 || limitedBy.includes(status)) return "limited";
  return status >= 500 ? "unavailable" : "failed";
}

/** Seconds or a date. */
function retryAfterMs(header: string | null): number | undefined {
  if (header === null) return undefined;
  const waitMs = /^\d+$/.test(header.trim()) ? Number(header) * 1000 : Date.parse(header) - Date.now();
  return Number.isFinite(waitMs) && waitMs > 0 ? waitMs : undefined;
}

async function* bounded(body: Response["body"], bytesMax: number): AsyncGenerator<Uint8Array, void> {
  if (body === null) return;
  let bytes = 0;
  for await (const part of body) {
    const piece: unknown = part;
    if (!(piece instanceof Uint8Array)) continue;
    bytes += piece.byteLength;
    if (bytes > bytesMax) throw new TooLongError(`more than ${String(bytesMax)} bytes`);
    yield piece;
  }
}

async function textOf(pieces: AsyncIterable<Uint8Array>): Promise<string> {
  const parts: Uint8Array[] = [];
  for await (const piece of pieces) parts.push(piece);
  return new TextDecoder().decode(Buffer.concat(parts));
}

/** A code such as ECONNREFUSED, because a message might contain the URL. */
function causeOf(error: unknown): string {
  const cause = error instanceof Error ? error.cause : undefined;
  if (cause instanceof AddressNotAllowedError) return cause.message;
  if (cause instanceof Error && "code" in cause && typeof cause.code === "string") return cause.code;
  return cause instanceof Error ? cause.name : "connection lost";
}
