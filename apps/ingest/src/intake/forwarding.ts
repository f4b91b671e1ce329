import type { IncomingHttpHeaders } from "node:http";
import type { InstanceId } from "@ticktally/core";
import type { Gateway, Part } from "@ticktally/gateways";
import type { LaneWriter, ReceivedRequest } from "@ticktally/redis";

/** A request on its way into the queue, as far as forwarding needs it. */
export interface ForwardedRequest {
  readonly gateway: Gateway;
  readonly parts: readonly Part[];
  /** Whose token it came with, if that was an instance's. */
  readonly own: InstanceId | undefined;
  readonly headers: IncomingHttpHeaders;
  readonly receivedAtMs: number;
  /** As they came; `undefined` where there was no room to keep them. */
  readonly bytes: Buffer | undefined;
}

/** A request is sent again later: the lane of one of its targets is full, or its bytes could not be kept. */
export class NotForwardedError extends Error {
  readonly isFull: boolean;

  constructor(isFull: boolean) {
    super(isFull ? "a target's lane is full" : "there is no room to keep what is to be forwarded");
    this.isFull = isFull;
  }
}

/** Bytes of requests that are kept until they are stored. */
const KEPT_BYTES_MAX = 32 * 1024 * 1024;

/** Puts what comes in into the lanes of the targets that want it, beside the queue. */
export class Forwarding {
  readonly #lanes: Pick<LaneWriter, "append" | "hasTargets" | "ownId">;
  #keptBytes = 0;

  constructor(lanes: Pick<LaneWriter, "append" | "hasTargets" | "ownId">) {
    this.#lanes = lanes;
  }

  /** Whether we sent this request ourselves: a target leads back here, and each round would send it again. */
  isOwn(headers: IncomingHttpHeaders): boolean {
    const attempt = headers["x-ticktally-attempt"];
    return attempt !== undefined && this.#lanes.ownId !== "" && attempt.includes(`by=${this.#lanes.ownId}`);
  }

  /**
   * Keep a request's bytes until it is stored: a target may be created meanwhile.
   * @returns `full`: there is no room, and a target may want them
   */
  keep(bytes: Buffer): Buffer | undefined | "full" {
    if (this.#keptBytes + bytes.length > KEPT_BYTES_MAX) return this.#lanes.hasTargets ? "full" : undefined;
    this.#keptBytes += bytes.length;
    return bytes;
  }

  /** The request is answered. */
  release(bytes: Buffer | undefined): void {
    this.#keptBytes -= bytes?.length ?? 0;
  }

  /**
   * @param deadline of `performance.now()`
   * @returns for each why it is refused, `undefined` if it is not
   * @throws {StoreUnavailableError} some may be stored
   */
  async append(
    requests: readonly ForwardedRequest[],
    deadline: number,
  ): Promise<readonly (NotForwardedError | undefined)[]> {
    const appended = await this.#lanes.append(() => requests.map(receivedRequest), deadline);
    return appended.map((outcome) => (outcome === "stored" ? undefined : new NotForwardedError(outcome === "full")));
  }
}

function receivedRequest({ gateway, parts, own, headers, receivedAtMs, bytes }: ForwardedRequest): ReceivedRequest {
  return {
    parts: parts.map((part) => ({
      instance: part.instance ?? own ?? "",
      type: part.type,
      events: () => {
        const meant = gateway.toEvents(part, Math.floor(receivedAtMs / 1000));
        return meant.kind === "events" ? meant.events : [];
      },
    })),
    receivedAtMs,
    holdsFeed: gateway.holdsFeed,
    request: bytes === undefined ? undefined : { headers: relayedHeaders(gateway, headers), body: bytes },
  };
}

/** Of those who relayed it before. */
const RELAYED_BY_CHARS_MAX = 512;

/** Never `Authorization`, which is our token. By the attempts of others a webhook that comes back to one of them is known. */
function relayedHeaders({ relayedHeaders: names }: Gateway, headers: IncomingHttpHeaders): Record<string, string> {
  const relayedBy = headers["x-ticktally-attempt"];
  const isRelayed = relayedBy !== undefined && relayedBy.length <= RELAYED_BY_CHARS_MAX;
  const passed = [...names, ...(isRelayed ? ["x-ticktally-attempt"] : [])];
  const kept = ["content-type", ...passed.map((name) => name.toLowerCase())].flatMap((name) => {
    const value = headers[name];
    return typeof value === "string" && name !== "authorization" ? [[name, value] as const] : [];
  });
  return Object.fromEntries(kept);
}
