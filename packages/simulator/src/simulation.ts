import { setTimeout as delay } from "node:timers/promises";
import { z } from "zod";
import { GatewayServer } from "./gateway-server.ts";
import { setLabels } from "./labels.ts";
import { RestClient } from "./rest-client.ts";
import { HttpFeeds } from "./sending/http-feeds.ts";
import { Live, runLive } from "./sending/live.ts";
import { setUpInstances } from "./set-up.ts";
import type { Character } from "./traffic/characters.ts";
import type { Faults } from "./traffic/faults.ts";
import { usualWebhooksPerDay } from "./traffic/rhythm.ts";
import { Traffic, webhookOf, type SimulatedInstance } from "./traffic/traffic.ts";
import { checkAnswers, type CheckResult } from "./truth/check.ts";
import type { Sent } from "./truth/expected.ts";

export interface SimulationOptions {
  readonly seed: number;
  readonly instances: number;
  readonly characters: readonly Character[];
  /** Webhooks a second on average. */
  readonly rate: number;
  /** Past traffic, sent as fast as it is accepted. */
  readonly pastHours: number;
  /** Live traffic, each webhook at its time. */
  readonly liveMinutes: number;
  readonly faults: Omit<Faults, "lostFrom">;
  readonly prefix: string;
  readonly labels: boolean;
  readonly url: string;
  readonly ingestUrl: string;
  readonly token: string;
  readonly webhookToken: string;
  /** The secret that signs webhooks, for gateways that sign. */
  readonly appSecret: string | undefined;
  readonly pauseMs: number;
  readonly gatewayPort: number;
}

const DAY_SECONDS = 86_400;
const MINUTE_MS = 60_000;
const RECONCILED_WITHIN_MS = 120_000;
const COUNTED_WITHIN_MS = 300_000;
const LOOK_AGAIN_MS = 1_000;

/** A simulation against a running Ticktally: sends traffic and checks that it is counted correctly. */
export class Simulation {
  readonly traffic: Traffic;
  readonly feeds: HttpFeeds;
  readonly #options: SimulationOptions;
  readonly #rest: RestClient;
  readonly #gateway: GatewayServer;
  readonly #signal: AbortSignal;
  /** Whole minutes, Unix ms. */
  readonly #sinceMs: number;
  /** Until when webhooks are sent; the journals end here too. Unix ms */
  #untilMs: number;
  #isReconciled = false;

  /** @param nowMs Unix ms */
  constructor(options: SimulationOptions, nowMs: number, signal: AbortSignal) {
    this.#options = options;
    this.#signal = signal;
    this.#sinceMs = Math.floor(nowMs / MINUTE_MS - options.pastHours * 60) * MINUTE_MS;
    this.#untilMs = nowMs;
    this.#rest = new RestClient(options.url, options.token);
    // Only live traffic needs the steady stream of `codes`.
    const [scale, codesFrom] = [scaleOf(options), nowMs / 1000];
    const faults = { ...options.faults, lostFrom: 0 };
    const { seed, instances, characters } = options;
    this.traffic = new Traffic({ seed, instances, characters, scale, faults, codesFrom });
    const { ingestUrl, webhookToken, appSecret, pauseMs } = options;
    this.feeds = new HttpFeeds({ ingestUrl, secrets: { webhookToken, appSecret }, pauseMs, signal });
    this.#gateway = new GatewayServer({
      traffic: this.traffic,
      sinceMs: this.#sinceMs,
      webhookUrl: `${ingestUrl}/webhooks/green-api`,
      webhookToken,
      waiting: (instance) => this.feeds.waiting(instance),
      now: () => this.#untilMs,
    });
  }

  /** Start the gateway's API and register the instances by name. */
  async start(): Promise<void> {
    await this.#gateway.listen(this.#options.gatewayPort);
    const { prefix } = this.#options;
    const gatewayUrl = this.#gateway.url;
    await setUpInstances(this.#rest, this.traffic.instances, { prefix, gatewayUrl, reconcileEveryMinutes: 0 });
    for (const instance of this.traffic.instances)
      this.#push(instance, instance.shape.stateWebhook?.(instance.id, "authorized", this.#sinceMs / 1000));
  }

  /** Send the traffic, and wait until it is accepted. */
  async send(): Promise<void> {
    const past = { fromMs: this.#sinceMs, toMs: this.#untilMs };
    for (const instance of this.traffic.instances) {
      const sendings = [...this.traffic.sendings(instance, past, past)];
      for (const sending of sendings.sort((a, b) => a.atMs - b.atMs)) this.#push(instance, webhookOf(sending));
    }
    const { liveMinutes } = this.#options;
    if (liveMinutes > 0) {
      const push = (instance: SimulatedInstance, webhook: object | undefined) => this.#push(instance, webhook);
      const live = new Live({ traffic: this.traffic, push, fromMs: past.toMs, sinceMs: this.#sinceMs });
      await runLive(live, Date.now, this.#signal, past.toMs + liveMinutes * MINUTE_MS);
      this.#untilMs = live.pushedUntilMs;
    }
    await this.feeds.idle();
  }

  /** Reconcile with the gateway's journals, to recover lost webhooks. @throws if a journal could not be read */
  async reconcile(): Promise<void> {
    await this.#counted();
    const minutes = Math.ceil((Date.now() - this.#sinceMs) / MINUTE_MS) + 1;
    const asked = this.traffic.instances.filter(({ shape }) => shape.hasJournal);
    await Promise.all(asked.map(async (instance) => this.#reconcileOne(instance, minutes)));
    this.#isReconciled = true;
  }

  /** Compare REST's answers with what was sent. */
  async check(): Promise<CheckResult> {
    await this.#counted();
    const { prefix, labels } = this.#options;
    const sent = this.#sent();
    if (labels) await setLabels(this.#rest, this.traffic, { prefix, begun: sent });
    const options = { rest: this.#rest, traffic: this.traffic, prefix, sent, withLabels: labels, messagePagesMax: 5 };
    return checkAnswers(options);
  }

  async stop(): Promise<void> {
    await this.#gateway.stop();
  }

  #sent(): Sent {
    return { fromMs: this.#sinceMs, toMs: this.#untilMs, isReconciled: this.#isReconciled };
  }

  #push(instance: SimulatedInstance, webhook: object | undefined): void {
    this.feeds.push(instance, webhook);
  }

  /** Wait until everything accepted is counted. */
  async #counted(): Promise<void> {
    const nowMs = Date.now();
    const names = this.traffic.instances.map(({ name }) => this.#options.prefix + name).join(",");
    await this.#until("everything is counted", COUNTED_WITHIN_MS, async () => {
      const { metrics } = asOfAnswer.parse(await this.#rest.get(`/metrics/${names}`));
      return Date.parse(metrics.asOf) > nowMs;
    });
  }

  async #reconcileOne({ name }: SimulatedInstance, minutes: number): Promise<void> {
    const path = `/instances/${this.#options.prefix}${name}/reconcile`;
    const before = lastRunAnswer.parse(await this.#rest.get(path)).lastRun?.finishedAt;
    await this.#rest.send("POST", path, { minutes });
    await this.#until(`${name} is reconciled`, RECONCILED_WITHIN_MS, async () => {
      const { lastRun } = lastRunAnswer.parse(await this.#rest.get(path));
      if (lastRun === null || lastRun.finishedAt === before) return false;
      if (lastRun.outcome === "ok") return true;
      throw new Error(`${name} could not be reconciled: ${lastRun.error ?? lastRun.outcome}`);
    });
  }

  async #until(what: string, withinMs: number, isSo: () => Promise<boolean>): Promise<void> {
    const endMs = Date.now() + withinMs;
    while (!(await isSo())) {
      if (Date.now() > endMs) throw new Error(`After ${String(withinMs / 1000)} s it was still not so that ${what}.`);
      await delay(LOOK_AGAIN_MS, undefined, { signal: this.#signal });
    }
  }
}

function scaleOf(options: SimulationOptions): number {
  const { rate, instances, characters, seed } = options;
  const faults = { ...options.faults, lostFrom: 0 };
  const usual = new Traffic({ seed, instances, characters, scale: 1, faults, codesFrom: 0 });
  const perDay = usual.instances.reduce((sum, { character }) => sum + usualWebhooksPerDay(character), 0);
  return (rate * DAY_SECONDS) / perDay;
}

const asOfAnswer = z.object({ metrics: z.object({ asOf: z.string() }) });
const lastRunAnswer = z.object({
  lastRun: z.object({ finishedAt: z.string(), outcome: z.string(), error: z.string().nullable() }).nullable(),
});
