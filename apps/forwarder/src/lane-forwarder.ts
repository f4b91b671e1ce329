import { attemptOutcome, eventPauseMs, FORWARDED_HOURS_MAX } from "@ticktally/core";
import type { PostOutcome, PostRequest } from "@ticktally/outbound";
import {
  entryHead,
  entryRequest,
  laneName,
  type Attempt,
  type Done,
  type FirstEntry,
  type ForwardCipher,
  type Lane,
  type LaneReader,
} from "@ticktally/redis";
import type { DeadReason } from "@ticktally/schemas";
import type { Logger } from "@ticktally/telemetry";
import { eventHeaders } from "./event-headers.ts";
import type { ForwarderMetrics } from "./forwarder-metrics.ts";
import { relayHeaders } from "./relay-headers.ts";
import type { HostPlaces } from "./host-places.ts";
import { isSendable, type KnownTarget, type KnownTargets } from "./known-targets.ts";

export interface LaneForwarderOptions {
  readonly targets: Pick<KnownTargets, "withId" | "ownId">;
  readonly reader: Pick<LaneReader, "step" | "renew">;
  readonly cipher: ForwardCipher;
  readonly places: HostPlaces;
  readonly post: (request: PostRequest) => Promise<PostOutcome>;
  /** How long a lane waits after a failure. */
  readonly pauseMs: number;
  /** Called when a target answers that it wants no more. */
  readonly disable: (target: KnownTarget) => Promise<void>;
  readonly metrics: ForwarderMetrics;
  readonly logger: Logger;
  /** Unix ms */
  readonly now: () => number;
  /** In [0, 1). */
  readonly random: () => number;
}

/** The time that GREEN-API gives a receiver. */
const RELAY_TIMEOUT_MS = 180_000;
const EVENT_TIMEOUT_MS = 30_000;
/** The receiver wants no more events. */
const GONE = 410;
const LEASE_MS = 10_000;
const RENEW_EVERY_MS = 3_000;
/** After this many, other lanes get a turn. */
const TURN_WEBHOOKS = 50;
const TURN_MS = 5_000;
/** Another process has the lane: it is either working, or dead and its lease will expire soon. */
const BUSY_WAIT_MS = 5_000;
const KEPT_MS = FORWARDED_HOURS_MAX * 3_600_000;

/** The result of one entry. `stopped`: the entry and the lane stay as they are. */
type Result =
  | { readonly kind: "done"; readonly done: Done; readonly attempt?: Attempt }
  | { readonly kind: "failed"; readonly attempt: Attempt; readonly pauseMs: number }
  | { readonly kind: "held" | "stopped" };
const HELD: Result = { kind: "held" };

/** Sends the entries of a lane, oldest first, one at a time. An entry that is not received is retried until it is a day old. */
export class LaneForwarder {
  readonly #options: LaneForwarderOptions;
  /** Whether new requests may no longer start. */
  #isStopping = false;
  readonly #breakingOff = new AbortController();

  constructor(options: LaneForwarderOptions) {
    this.#options = options;
  }

  /** Start no new requests. */
  stop(): void {
    this.#isStopping = true;
  }

  /** Also abort requests in progress, which will be sent again. */
  breakOff(): void {
    this.#breakingOff.abort();
  }

  /** @returns milliseconds until it should be called again; `undefined`: when the lane gets a new entry */
  async process(lane: Lane): Promise<number | undefined> {
    const target = await this.#options.targets.withId(lane.target);
    if (target === undefined) return undefined;
    const { host } = new URL(target.url);
    const waitMs = this.#options.places.take(host, lane.target);
    if (waitMs !== undefined) return waitMs;
    try {
      return await this.#turn(lane, target);
    } finally {
      this.#options.places.giveBack(host, lane.target);
    }
  }

  async #turn(lane: Lane, target: KnownTarget): Promise<number | undefined> {
    const { reader, now } = this.#options;
    const next = isSendable(target) ? "go" : "look";
    const endsAt = performance.now() + TURN_MS;
    let step = await reader.step(lane, { next, leaseMs: LEASE_MS, nowMs: now() });
    for (let sent = 1; step.kind === "entry"; sent++) {
      const { fence, targetsVersion } = step;
      // The target may have been paused, changed or deleted just now.
      const current = await this.#options.targets.withId(lane.target, targetsVersion);
      const result = current === undefined ? HELD : await this.#take(lane, current, step);
      if (result.kind !== "done") {
        const failed = result.kind === "failed" ? { attempt: result.attempt } : {};
        await reader.step(lane, { fence, next: "end", ...failed, leaseMs: LEASE_MS, nowMs: now() });
        // A held lane is woken when its target becomes available, and every minute.
        return result.kind === "failed" ? result.pauseMs : result.kind === "stopped" ? 0 : undefined;
      }
      const isOver = this.#isStopping || sent === TURN_WEBHOOKS || performance.now() > endsAt;
      const attempt = result.attempt === undefined ? {} : { attempt: result.attempt };
      const wanted = { next: isOver ? "end" : next, leaseMs: LEASE_MS, nowMs: now() } as const;
      step = await reader.step(lane, { fence, done: result.done, ...attempt, ...wanted });
    }
    switch (step.kind) {
      case "busy":
      case "lost":
        return BUSY_WAIT_MS;
      case "end":
        return 0;
      case "empty":
        return undefined;
    }
  }

  async #take(lane: Lane, target: KnownTarget, { entry, fence, attempt: number }: FirstEntry): Promise<Result> {
    const { cipher, metrics, now } = this.#options;
    const { receivedAtMs } = entryHead(entry);
    if (now() - receivedAtMs > KEPT_MS)
      return dead(lane, entry, target.secrets === undefined ? "key_lost" : "expired", undefined);
    if (target.state !== "active" || target.secrets === undefined) return HELD;
    if (this.#isStopping) return { kind: "stopped" };
    const request = entryRequest(cipher, laneName(lane), entry);
    if (request === undefined) return dead(lane, entry, "key_lost", undefined);

    const [isRelay, head, startedAtMs] = [target.mode === "relay", entryHead(entry), now()];
    const headers = isRelay
      ? relayHeaders(request.headers, target.secrets, head, number, this.#options.targets.ownId)
      : eventHeaders(target.secrets, head, request.body, startedAtMs);
    const timeoutMs = isRelay ? RELAY_TIMEOUT_MS : EVENT_TIMEOUT_MS;
    const posted = { url: target.url, headers, body: request.body, timeoutMs };
    const { status, durationMs, retryAfterMs } = await this.#post(lane, fence, posted);
    if (status === "stopped") return { kind: "stopped" };
    const outcome = attemptOutcome(status, isRelay);
    metrics.attempted(target.name, outcome, durationMs);
    const attempt = { atMs: startedAtMs, instance: lane.instance, status: String(status), durationMs };
    if (outcome === "success") {
      metrics.delivered(target.name, now() - receivedAtMs);
      return { kind: "done", done: { kind: "sent", entry }, attempt };
    }
    this.#options.logger.debug(
      { target: target.name, instance: lane.instance, outcome, attempt: number },
      "not received",
    );
    if (!isRelay && status === GONE) await this.#options.disable(target);
    const pauseMs = isRelay ? this.#options.pauseMs : eventPauseMs(number, retryAfterMs, this.#options.random());
    if (now() + pauseMs - receivedAtMs > KEPT_MS) return { ...dead(lane, entry, "expired", attempt.status), attempt };
    return { kind: "failed", attempt, pauseMs };
  }

  /** If the lease is lost meanwhile, the request is aborted, as at a shutdown. */
  async #post(lane: Lane, fence: string, request: Omit<PostRequest, "signal">): Promise<PostOutcome> {
    const lost = new AbortController();
    const renewal = setInterval(() => {
      this.#options.reader.renew(lane, fence, LEASE_MS).then(
        (isOurs) => {
          if (!isOurs) lost.abort();
        },
        // Redis is unreachable: the result of this request is compared with the fencing number anyway.
        () => undefined,
      );
    }, RENEW_EVERY_MS);
    try {
      const signal = AbortSignal.any([this.#breakingOff.signal, lost.signal]);
      return await this.#options.post({ ...request, signal });
    } finally {
      clearInterval(renewal);
    }
  }
}

function dead(
  { instance }: Lane,
  entry: Buffer,
  reason: DeadReason,
  lastStatus: string | undefined,
): Result & { kind: "done" } {
  const { webhookId, type, receivedAtMs } = entryHead(entry);
  const known = { webhookId, instance, type, reason, receivedAtMs, lastStatus: lastStatus ?? null };
  return { kind: "done", done: { kind: "dead", entry, known } };
}
