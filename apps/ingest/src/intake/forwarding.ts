import type { IncomingHttpHeaders } from "node:http";
import type { InstanceId } from "@ticktally/core";
import type { Gateway, Part } from "@ticktally/gateways";
import type { LaneWriter, ReceivedRequest } from "@ticktally/redis";

/** The part of a request on its way into the queue that forwarding needs. */
export interface ForwardedRequest {
  readonly gateway: Gateway;
  readonly parts: readonly Part[];
  /** The instance whose token it came with, if any. */
  readonly own: InstanceId | undefined;
  readonly headers: IncomingHttpHeaders;
  readonly receivedAtMs: number;
  /** The raw bytes; `undefined` if there was no room to keep them. */
  readonly bytes: Buffer | undefined;
}

/** The gateway must send a request again later: the lane of one of its targets is full, or its bytes could not be kept. */
export class NotForwardedError extends Error {
  readonly isFull: boolean;

  constructor(isFull: boolean) {
    super(isFull ? "a target's lane is full" : "there is no room to keep the request for forwarding");
    this.isFull = isFull;
  }
}

/** Bytes of requests that are kept until they are stored. */
const KEPT_BYTES_MAX = 32 * 1024 * 1024;

/** Puts requests into the lanes of the targets that want them, in addition to the queue. */
export class Forwarding {
  readonly #lanes: Pick<LaneWriter, "append" | "hasTargets" | "ownId">;
  #keptBytes = 0;

  constructor(lanes: Pick<LaneWriter, "append" | "hasTargets" | "ownId">) {
    this.#lanes = lanes;
  }

  /** Whether we sent this request ourselves: a target leads back to this Ticktally, and each round would send it again. */
  isOwn(headers: IncomingHttpHeaders): boolean {
    const attempt = headers["x-ticktally-attempt"];
    return attempt !== undefined && this.#lanes.ownId !== "" && attempt.includes(`by=${this.#lanes.ownId}`);
  }

  /**
   * Keep a request's bytes until it is stored, because a target may be created meanwhile.
   * @returns `full` if there is no room and a target may want them
   */
  keep(bytes: Buffer): Buffer | undefined | "full" {
    if (this.#keptBytes + bytes.length > KEPT_BYTES_MAX) return this.#lanes.hasTargets ? "full" : undefined;
    this.#keptBytes += bytes.length;
    return bytes;
  }

  /** Release the bytes once the request is answered. */
  release(bytes: Buffer | undefined): void {
    this.#keptBytes -= bytes?.length ?? 0;
  }

  /**
   * @param deadline by `performance.now()`
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

/** Headers added by earlier relays. */
const RELAYED_BY_CHARS_MAX = 512;

/** Never `Authorization`, which is our token. The attempt headers of other relays let them recognise a webhook that returns to them. */
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
