import { setTimeout as delay } from "node:timers/promises";
import { shardOf, type InstanceId, type Upstream, type WebhookQueue } from "@ticktally/core";
import type { RedisPullLease } from "@ticktally/redis";
import {
  notification,
  notificationDeleted,
  webhookInstance,
  webhookLine,
  withoutContent,
  type Pseudonyms,
} from "@ticktally/schemas";
import type { Logger } from "@ticktally/telemetry";
import type { Dispatcher } from "undici";
import { backOffMs } from "./back-off.ts";
import { GatewayClient, GatewayError } from "./gateway-client.ts";
import type { GatewayMetrics } from "./gateway-metrics.ts";

export interface PullDeps {
  readonly queue: WebhookQueue;
  /** `undefined`: chat ids are kept as they come. */
  readonly pseudonyms: Pseudonyms | undefined;
  /** Connects only where that is allowed. */
  readonly agent: Dispatcher;
  readonly lease: Pick<RedisPullLease, "hold" | "release">;
  readonly metrics: GatewayMetrics;
  readonly logger: Logger;
  /** Unix ms */
  readonly now: () => number;
}

/** Longer than a long poll and its answer may take, so that a lease that is kept never ends in between. */
const LEASE_MS = 20_000;
const RENEW_MS = 5_000;
const RECEIVE_SECONDS = 5;
const ASK_TIMEOUT_MS = 15_000;
const BACK_OFF_MS = 1_000;

/**
 * Reads one instance's notifications, one request at a time and in one process at a time. A notification is deleted only
 * after it is in the queue; one that is told twice counts once.
 */
export class PullLoop {
  readonly ended: Promise<void>;
  readonly #deps: PullDeps;
  readonly #instance: InstanceId;
  readonly #upstream: Upstream;
  readonly #stopping = new AbortController();

  constructor(deps: PullDeps, instance: InstanceId, upstream: Upstream) {
    this.#deps = deps;
    this.#instance = instance;
    this.#upstream = upstream;
    this.ended = this.#run();
  }

  /** Breaks off a request under way: what it would have brought is told again. */
  stop(): void {
    this.#stopping.abort();
  }

  #isStopping(): boolean {
    return this.#stopping.signal.aborted;
  }

  async #run(): Promise<void> {
    let failures = 0;
    while (!this.#isStopping()) {
      let waitMs = RENEW_MS;
      try {
        if (await this.#deps.lease.hold(this.#instance, LEASE_MS)) {
          await this.#whileHeld(() => (failures = 0));
          // Given back, or lost: somebody else may take it.
        }
      } catch (error) {
        if (this.#isStopping()) break;
        failures += 1;
        waitMs = backOffMs(failures, BACK_OFF_MS, error instanceof GatewayError ? error.retryAfterMs : undefined);
        this.#tell(error, failures, waitMs);
      }
      await delay(waitMs, undefined, { signal: this.#stopping.signal }).catch(() => undefined);
    }
    await this.#deps.lease.release(this.#instance).catch(() => undefined);
  }

  /** Read on until the lease is lost. @throws what keeps it from reading */
  async #whileHeld(onProgress: () => void): Promise<void> {
    const lost = new AbortController();
    let heldUntil = performance.now() + LEASE_MS;
    const renewal = setInterval(() => {
      const asked = performance.now();
      this.#deps.lease.hold(this.#instance, LEASE_MS).then(
        (isHeld) => {
          if (isHeld) heldUntil = asked + LEASE_MS;
          else lost.abort();
        },
        () => {
          // Redis is away: it may still be ours, until it would have ended by itself.
          if (performance.now() + RENEW_MS > heldUntil) lost.abort();
        },
      );
    }, RENEW_MS);
    const signal = AbortSignal.any([this.#stopping.signal, lost.signal]);
    const client = new GatewayClient(this.#instance, this.#upstream, this.#deps.agent, signal);
    try {
      while (!signal.aborted) {
        await this.#takeOne(client, signal);
        onProgress();
      }
    } catch (error) {
      if (!signal.aborted) throw error;
    } finally {
      clearInterval(renewal);
    }
  }

  async #takeOne(client: GatewayClient, signal: AbortSignal): Promise<void> {
    const rest = `?receiveTimeout=${String(RECEIVE_SECONDS)}`;
    const answer = await client.ask({ method: "receiveNotification", rest, timeoutMs: ASK_TIMEOUT_MS });
    if (isNothing(answer)) {
      await unhurried(signal);
      return;
    }
    const parsed = notification.safeParse(answer);
    if (!parsed.success) throw new GatewayError("unreadable", "receiveNotification answered no notification");
    const { receiptId, body } = parsed.data;
    const jobId = await this.#store(body);
    this.#deps.metrics.pulled("stored");
    this.#deps.logger.debug({ instance: this.#instance, jobId, outcome: "stored" }, "notification pulled");
    signal.throwIfAborted();
    const call = { method: "deleteNotification", verb: "DELETE", rest: `/${receiptId}` } as const;
    const deleted = notificationDeleted.safeParse(await client.ask({ ...call, timeoutMs: ASK_TIMEOUT_MS }));
    if (deleted.data?.result !== true) throw new GatewayError("failed", "deleteNotification did not delete");
  }

  /** Just as a webhook that was posted with the instance's token: the gateway speaks for no other. */
  async #store(body: unknown): Promise<string> {
    const { queue, pseudonyms, now } = this.#deps;
    const receivedAtMs = now();
    const text = withoutContent(JSON.stringify(body ?? null), body, pseudonyms);
    const sender = webhookInstance(body) === this.#instance ? undefined : this.#instance;
    const line = webhookLine({ receivedAtMs, text, ...(sender === undefined ? {} : { sender }) });
    return queue.put(shardOf(this.#instance, queue.shards), [line], receivedAtMs);
  }

  #tell(error: unknown, failures: number, waitMs: number): void {
    const { metrics, logger } = this.#deps;
    metrics.pulled(error instanceof GatewayError ? error.fault : "not_stored");
    const reason = error instanceof Error ? error.message : "unknown";
    logger.warn({ instance: this.#instance, reason, failures, waitMs }, "notifications cannot be pulled now");
  }
}

/** Nothing waits: `null`, an empty body, or `{}`. */
function isNothing(answer: unknown): boolean {
  return answer === null || (typeof answer === "object" && Object.keys(answer).length === 0);
}

/** A gateway that does not wait for notifications must not be asked without a break. */
async function unhurried(signal: AbortSignal): Promise<void> {
  await delay(100, undefined, { signal }).catch(() => undefined);
}
