import { setTimeout as delay } from "node:timers/promises";
import { shardOf, type InstanceId, type Upstream, type WebhookQueue } from "@ticktally/core";
import type { LaneWriter, RedisPullLease } from "@ticktally/redis";
import { DEFAULT_GATEWAY, type Gateway, type GatewayUpstream, type Pseudonyms } from "@ticktally/gateways";
import { GatewayClient, GatewayError } from "@ticktally/outbound";
import { batchesOf, webhookLine } from "@ticktally/schemas";
import type { Logger } from "@ticktally/telemetry";
import type { Dispatcher } from "undici";
import { backOffMs } from "./back-off.ts";
import type { GatewayMetrics } from "./gateway-metrics.ts";

export interface PullDeps {
  readonly queue: WebhookQueue;
  readonly lanes: Pick<LaneWriter, "append">;
  /** `undefined`: chat ids are stored unchanged. */
  readonly pseudonyms: Pseudonyms | undefined;
  /** Connects only to allowed addresses. */
  readonly agent: Dispatcher;
  readonly lease: Pick<RedisPullLease, "hold" | "release">;
  readonly metrics: GatewayMetrics;
  readonly logger: Logger;
  /** Unix ms */
  readonly now: () => number;
}

/** Longer than a long poll and its answer, so a lease that is renewed never expires in between. */
const LEASE_MS = 20_000;
const RENEW_MS = 5_000;
const RECEIVE_SECONDS = 5;
const ASK_TIMEOUT_MS = 15_000;
const BACK_OFF_MS = 1_000;
const STORE_TIMEOUT_MS = 5_000;

/**
 * Reads one instance's notifications, one request at a time and in one process at a time. A notification is deleted only
 * after it is in the queue; one that is reported twice counts once.
 */
export class PullLoop {
  readonly ended: Promise<void>;
  readonly #deps: PullDeps;
  readonly #instance: InstanceId;
  readonly #upstream: Upstream;
  readonly #gateway: Gateway;
  readonly #api: GatewayUpstream;
  readonly #stopping = new AbortController();

  constructor(deps: PullDeps, instance: InstanceId, upstream: Upstream, gateway: Gateway, api: GatewayUpstream) {
    this.#deps = deps;
    this.#instance = instance;
    this.#upstream = upstream;
    this.#gateway = gateway;
    this.#api = api;
    this.ended = this.#run();
  }

  /** Aborts a request in progress; its notification is reported again. */
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
          // Given back, or lost: another process may take it.
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

  /** Read until the lease is lost. @throws when reading is not possible */
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
          // Redis is unreachable: the lease may still be ours until it would have expired.
          if (performance.now() + RENEW_MS > heldUntil) lost.abort();
        },
      );
    }, RENEW_MS);
    const signal = AbortSignal.any([this.#stopping.signal, lost.signal]);
    const client = new GatewayClient({ api: this.#api, upstream: this.#upstream, agent: this.#deps.agent, signal });
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
    const { notifications } = this.#api;
    const receive = notifications.receive(this.#instance, this.#upstream, RECEIVE_SECONDS);
    const notification = notifications.read(await client.ask(receive, ASK_TIMEOUT_MS));
    if (notification === "nothing") {
      await shortPause(signal);
      return;
    }
    if (notification === undefined) throw new GatewayError("unreadable", `${receive.name} answered no notification`);
    const jobId = await this.#store(notification.body);
    this.#deps.metrics.pulled("stored");
    this.#deps.logger.debug({ instance: this.#instance, jobId, outcome: "stored" }, "notification pulled");
    signal.throwIfAborted();
    const remove = notifications.remove(this.#instance, this.#upstream, notification.receipt);
    if (!notifications.isRemoved(await client.ask(remove, ASK_TIMEOUT_MS)))
      throw new GatewayError("failed", `${remove.name} did not delete`);
  }

  /** Like a webhook posted with the instance's token: it may not report another instance. @returns the ids of its jobs */
  async #store(body: unknown): Promise<string> {
    const { pseudonyms, now } = this.#deps;
    const receivedAtMs = now();
    const tag = this.#gateway === DEFAULT_GATEWAY ? {} : { gateway: this.#gateway.name };
    const lines = this.#gateway.split(body).map((part) => {
      const from = part.instance === this.#instance ? {} : { sender: this.#instance };
      return webhookLine({ receivedAtMs, text: this.#gateway.withoutContent(part, pseudonyms), ...tag, ...from });
    });
    const [ids] = await Promise.all([this.#put(lines, receivedAtMs), this.#forward(body, receivedAtMs)]);
    return ids.join(" ");
  }

  /** One after the other: it may have 10,000 parts. */
  async #put(lines: readonly string[], receivedAtMs: number): Promise<readonly string[]> {
    const { queue } = this.#deps;
    const shard = shardOf(this.#instance, queue.shards);
    const ids: string[] = [];
    for (const batch of batchesOf(lines)) ids.push(await queue.put(shard, batch, receivedAtMs));
    return ids;
  }

  /** @throws if a target's lane is full: a notification that is not deleted is reported again */
  async #forward(body: unknown, receivedAtMs: number): Promise<void> {
    const received = () => [
      {
        parts: this.#gateway.split(body).map((part) => ({
          instance: this.#instance,
          type: part.type,
          events: () => {
            const meant = this.#gateway.toEvents(part, Math.floor(receivedAtMs / 1000));
            return meant.kind === "events" ? meant.events : [];
          },
        })),
        receivedAtMs,
        holdsFeed: true,
        request: { headers: { "content-type": "application/json" }, body: Buffer.from(JSON.stringify(body)) },
      },
    ];
    const [outcome] = await this.#deps.lanes.append(received, performance.now() + STORE_TIMEOUT_MS);
    if (outcome === "full") throw new GatewayError("failed", "a target of this instance is too far behind");
  }

  #tell(error: unknown, failures: number, waitMs: number): void {
    const { metrics, logger } = this.#deps;
    metrics.pulled(error instanceof GatewayError ? error.fault : "not_stored");
    const reason = error instanceof Error ? error.message : "unknown";
    logger.warn({ instance: this.#instance, reason, failures, waitMs }, "notifications cannot be pulled now");
  }
}

/** A gateway without long polling must not be called without a pause. */
async function shortPause(signal: AbortSignal): Promise<void> {
  await delay(100, undefined, { signal }).catch(() => undefined);
}
