import type { InstanceId, Upstream } from "@ticktally/core";
import { NoListError, parseNotificationText, type ReconcileOutcome, type Sifted } from "@ticktally/schemas";
import { fetch, type Dispatcher, type Response } from "undici";
import { AddressNotAllowedError } from "@ticktally/outbound";

export type GatewayFault = Exclude<ReconcileOutcome, "ok" | "no_upstream">;

/** The gateway did not give what was asked for. The message names method and host, never the URL: it holds the token. */
export class GatewayError extends Error {
  readonly fault: GatewayFault;
  /** For so long it wants to be left alone. */
  readonly retryAfterMs: number | undefined;

  constructor(fault: GatewayFault, message: string, retryAfterMs?: number) {
    super(message);
    this.fault = fault;
    this.retryAfterMs = retryAfterMs;
  }
}

interface Call {
  readonly method: string;
  readonly verb?: "GET" | "DELETE";
  /** What follows the token, beginning with `/` or `?`. */
  readonly rest?: string;
  readonly timeoutMs?: number;
}

/** A journal of 10,000 messages with thumbnails stays below; it is never in memory as a whole. */
const LIST_BYTES_MAX = 64 * 1024 * 1024;
/** As much as ingest takes of a webhook, if it is not told otherwise. */
const BODY_BYTES_MAX = 5 * 1024 * 1024;
const TIMEOUT_MS = 20_000;

/** Asks the gateway about one instance. */
export class GatewayClient {
  readonly #instance: InstanceId;
  readonly #upstream: Upstream;
  readonly #agent: Dispatcher;
  readonly #signal: AbortSignal;

  /** @param agent connects only where that is allowed, see `outboundAgent` @param signal ends what is under way */
  constructor(instance: InstanceId, upstream: Upstream, agent: Dispatcher, signal: AbortSignal) {
    this.#instance = instance;
    this.#upstream = upstream;
    this.#agent = agent;
    this.#signal = signal;
  }

  /**
   * @returns the parsed answer, of a long one what matters; `null` for an empty one
   * @throws {GatewayError} or the reason of `signal`
   */
  async ask(call: Call): Promise<unknown> {
    return this.#asked(call, async (body) => parsed(await textOf(bounded(body, BODY_BYTES_MAX))));
  }

  /**
   * @param sift reads a list while it arrives
   * @throws {GatewayError} or the reason of `signal`
   */
  async askList<Element>(
    call: Call,
    sift: (pieces: AsyncIterable<Uint8Array>) => Promise<Sifted<Element>>,
  ): Promise<Sifted<Element>> {
    return this.#asked(call, async (body) => sift(bounded(body, LIST_BYTES_MAX)));
  }

  async #asked<Answer>(
    { method, verb = "GET", rest = "", timeoutMs = TIMEOUT_MS }: Call,
    read: (body: Response["body"]) => Promise<Answer>,
  ): Promise<Answer> {
    const { apiUrl, apiTokenInstance } = this.#upstream;
    const asked = `${method} at ${new URL(apiUrl).host}`;
    const url = `${apiUrl}/waInstance${this.#instance}/${method}/${apiTokenInstance}${rest}`;
    const timeout = AbortSignal.timeout(timeoutMs);
    try {
      // A redirect would carry the token elsewhere.
      const signal = AbortSignal.any([this.#signal, timeout]);
      const response = await fetch(url, { method: verb, redirect: "error", signal, dispatcher: this.#agent });
      if (!response.ok) throw await refusal(response, asked);
      return await read(response.body);
    } catch (error) {
      if (error instanceof GatewayError) throw error;
      this.#signal.throwIfAborted();
      if (timeout.aborted) throw new GatewayError("timeout", `${asked} took longer than ${String(timeoutMs / 1000)} s`);
      const unreadable = unreadableAs(error);
      if (unreadable !== undefined) throw new GatewayError("unreadable", `${asked} answered ${unreadable}`);
      throw new GatewayError("unavailable", `${asked} cannot be reached or broke off: ${causeOf(error)}`);
    }
  }
}

/** What an answer is that cannot be used; `undefined` if that is not what went wrong. */
function unreadableAs(error: unknown): string | undefined {
  if (error instanceof TooLongError) return error.message;
  if (error instanceof NoListError) return "something that is no list";
  return error instanceof SyntaxError ? "something that is no JSON" : undefined;
}

class TooLongError extends Error {}

async function refusal(response: Response, asked: string): Promise<GatewayError> {
  await response.body?.cancel();
  const message = `${asked} answered ${String(response.status)}`;
  return new GatewayError(faultOf(response.status), message, retryAfterMs(response.headers.get("retry-after")));
}

function faultOf(status: number): GatewayFault {
  if (status === 401 || status === 403) return "refused";
  if (status === 429 || status === 466) return "limited";
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

/** @throws {SyntaxError} */
function parsed(text: string): unknown {
  return text.trim() === "" ? null : parseNotificationText(text);
}

/** A code such as ECONNREFUSED; a message might hold the URL. */
function causeOf(error: unknown): string {
  const cause = error instanceof Error ? error.cause : undefined;
  if (cause instanceof AddressNotAllowedError) return cause.message;
  if (cause instanceof Error && "code" in cause && typeof cause.code === "string") return cause.code;
  return cause instanceof Error ? cause.name : "connection lost";
}
