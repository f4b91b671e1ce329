import { randomBytes, randomUUID } from "node:crypto";
import { ForwarderMetrics } from "../../apps/forwarder/src/forwarder-metrics.ts";
import { HostPlaces } from "../../apps/forwarder/src/host-places.ts";
import { KnownTargets } from "../../apps/forwarder/src/known-targets.ts";
import { LaneForwarder } from "../../apps/forwarder/src/lane-forwarder.ts";
import { Sweep } from "../../apps/forwarder/src/sweep.ts";
import { postingAgent, postTo } from "../../packages/outbound/src/index.ts";
import {
  consumeLanes,
  DeadLetters,
  ForwardCipher,
  LaneQueue,
  LaneReader,
  LaneWriter,
  RedisTargets,
  sealSecrets,
  TargetOverviews,
  type Appended,
  type Lane,
} from "../../packages/redis/src/index.ts";
import { connected, testConnection, testKeys } from "../../packages/redis/src/testing.ts";
import { OutboundNetworks, type StoredTarget } from "../../packages/schemas/src/index.ts";
import { createLogger, Registry } from "../../packages/telemetry/src/index.ts";

const KEY = randomBytes(32);
const ID_KEY = randomBytes(32).toString("base64");

export interface RigOptions {
  readonly pauseMs?: number;
  readonly laneBytesMax?: number;
  readonly allBytesMax?: number;
}

/** Lanes in the tests' Redis, with a writer and a forwarder in this process. Call {@link stop} at the end. */
export class ForwardingRig {
  readonly keys = testKeys();
  readonly redis = testConnection("reader");
  readonly #queueRedis = testConnection("worker");
  readonly cipher = new ForwardCipher([KEY]);
  readonly targets = new RedisTargets(this.redis, this.keys);
  readonly overviews = new TargetOverviews(this.redis, this.keys);
  readonly letters = new DeadLetters(this.redis, this.keys);
  readonly reader = new LaneReader(this.redis, this.keys);
  readonly queue = new LaneQueue(this.redis, { keys: this.keys, onError: ignored, onUnusable: ignored });
  readonly #options: RigOptions;
  readonly #stops: (() => Promise<unknown>)[] = [];
  /** Unix ms */
  nowMs = () => Date.now();

  private constructor(options: RigOptions) {
    this.#options = options;
  }

  static async start(options: RigOptions = {}): Promise<ForwardingRig> {
    const rig = new ForwardingRig(options);
    await connected(rig.redis, rig.#queueRedis);
    return rig;
  }

  async addTarget(
    url: string,
    change: Partial<StoredTarget> = {},
    authorization = "the customer's own",
  ): Promise<StoredTarget> {
    const id = randomUUID().slice(0, 8);
    const sealed = sealSecrets(this.cipher, id, { authorization, idKey: ID_KEY });
    const target = { id, name: id, url, mode: "relay", state: "active", createdAt: 1, sealed, ...change } as const;
    await this.targets.add(target);
    return target;
  }

  /** @param wake called with the lanes that were written to; `false`: only the sweep finds them */
  writer(
    wake: ((lanes: readonly Lane[]) => unknown) | false = async (lanes) => this.queue.wake(lanes),
    cipher: ForwardCipher | null = this.cipher,
  ): LaneWriter {
    return new LaneWriter(this.redis, {
      keys: this.keys,
      cipher: cipher ?? undefined,
      laneBytesMax: this.#options.laneBytesMax ?? 1024 * 1024,
      allBytesMax: () => this.#options.allBytesMax ?? 10 * 1024 * 1024,
      whenFull: "push_back",
      wake: (lanes) => {
        if (wake !== false) void wake(lanes);
      },
      onKeyMissing: ignored,
    });
  }

  forwarder(): { readonly forwarder: LaneForwarder; readonly sweep: Sweep; readonly known: KnownTargets } {
    const logger = createLogger("test", "silent");
    const agent = postingAgent(new OutboundNetworks(["127.0.0.0/8"]));
    const known = new KnownTargets({
      targets: this.targets,
      cipher: this.cipher,
      onSendable: (target) => void this.reader.lanesOf(target.id).then(async (lanes) => this.queue.wake(lanes)),
      logger,
    });
    const metrics = new ForwarderMetrics(new Registry());
    const forwarder = new LaneForwarder({
      targets: known,
      reader: this.reader,
      cipher: this.cipher,
      places: new HostPlaces(),
      post: async (request) => postTo(agent, request),
      pauseMs: this.#options.pauseMs ?? 200,
      disable: async () => Promise.resolve(),
      metrics,
      logger,
      now: () => this.nowMs(),
      random: Math.random,
    });
    const sweep = new Sweep({
      targets: this.targets,
      known,
      overviews: this.overviews,
      letters: this.letters,
      reader: this.reader,
      queue: this.queue,
      cipher: this.cipher,
      metrics,
      onError: ignored,
      now: () => this.nowMs(),
    });
    this.#stops.push(async () => agent.destroy());
    return { forwarder, sweep, known };
  }

  /** Start a forwarder that runs until the rig is stopped. */
  async startForwarder(): Promise<{ readonly sweep: Sweep; readonly known: KnownTargets }> {
    const { forwarder, sweep, known } = this.forwarder();
    await known.start();
    const process = async (lane: Lane) => forwarder.process(lane);
    const lanes = { keys: this.keys, onError: ignored, concurrency: 1_000, process, now: () => Date.now() };
    const consumer = consumeLanes(this.#queueRedis, lanes);
    this.#stops.unshift(async () => {
      known.stop();
      forwarder.stop();
      forwarder.breakOff();
      await consumer.close();
    });
    return { sweep, known };
  }

  async stop(): Promise<void> {
    for (const stop of this.#stops) await stop();
    this.#queueRedis.disconnect();
    this.redis.disconnect();
  }
}

/** Append webhooks as ingest does for a POST. */
export async function receive(
  writer: LaneWriter,
  instance: string,
  bodies: readonly string[],
  { receivedAtMs = Date.now(), holdsFeed = true, deadlineMs = 5_000 } = {},
): Promise<readonly Appended[]> {
  const received = bodies.map((body) => ({
    parts: [{ instance, type: "aType", events: () => [] }],
    receivedAtMs,
    holdsFeed,
    request: { headers: { "content-type": "application/json" }, body: Buffer.from(body) },
  }));
  return writer.append(() => received, performance.now() + deadlineMs);
}

function ignored(): void {
  // Tests check the effects instead.
}
