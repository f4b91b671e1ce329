import {
  checkRedis,
  consumeLanes,
  DeadLetters,
  EventLanes,
  ForwardCipher,
  forwardingRoom,
  Heartbeat,
  LaneQueue,
  LaneReader,
  Outbox,
  RedisInstanceRegistry,
  RedisTargets,
  TargetOverviews,
  type Keys,
  type Lane,
  type QueueTroubles,
  type RedisClient,
  type StoredLayout,
} from "@ticktally/redis";
import { postingAgent, postTo } from "@ticktally/outbound";
import { OutboundNetworks, type ForwarderEnvironment, type StoredTarget } from "@ticktally/schemas";
import { createRegistry, readinessOf, startOpsServer, type Logger } from "@ticktally/telemetry";
import { EventFeed } from "../event-feed.ts";
import { ForwarderMetrics } from "../forwarder-metrics.ts";
import { HostPlaces } from "../host-places.ts";
import { KnownTargets, type KnownTarget } from "../known-targets.ts";
import { LaneForwarder } from "../lane-forwarder.ts";
import { Sweep } from "../sweep.ts";

/** A hundred targets with ten requests each, so no target can starve another. */
const LANES_AT_ONCE = 1_000;

interface ForwarderDeps extends QueueTroubles {
  readonly env: ForwarderEnvironment;
  readonly logger: Logger;
  readonly redis: RedisClient;
  /** The blocking connection of BullMQ. */
  readonly queueRedis: RedisClient;
  readonly keys: Keys;
  readonly layout: StoredLayout;
  /** Unix ms */
  readonly now: () => number;
}

/** @returns the steps to stop it, in order */
export async function startForwarder(deps: ForwarderDeps): Promise<readonly (() => unknown)[]> {
  const { env, logger, redis, queueRedis, keys, layout, now, onError, onUnusable } = deps;
  const registry = createRegistry();
  const cipher = new ForwardCipher(env.FORWARD_KEY ?? []);
  const [targets, reader, metrics] = [
    new RedisTargets(redis, keys),
    new LaneReader(redis, keys),
    new ForwarderMetrics(registry),
  ];
  const queue = new LaneQueue(redis, { keys, onError, onUnusable });
  const wake = async ({ id }: KnownTarget) => queue.wake(await reader.lanesOf(id));
  const onSendable = (target: KnownTarget) => void wake(target).catch(onError);
  const known = new KnownTargets({ targets, cipher, onSendable, logger });
  const agent = postingAgent(new OutboundNetworks(env.OUTBOUND_ALLOWED_NETWORKS));
  const forwarder = new LaneForwarder({
    targets: known,
    reader,
    cipher,
    places: new HostPlaces(),
    post: async (request) => postTo(agent, request),
    pauseMs: env.FORWARD_PAUSE_MS,
    disable: async ({ id, name }) => {
      const disabled = (one: StoredTarget) => (one.id === id ? { ...one, state: "disabled" as const } : one);
      await targets.change(name, disabled);
      logger.warn({ target: name }, "the target answered 410: no more is sent to it");
    },
    metrics,
    logger,
    now,
    random: Math.random,
  });
  const laneBytesMax = env.FORWARD_MAX_BYTES;
  const allBytesMax = forwardingRoom(redis, env.FORWARD_MAX_TOTAL_BYTES);
  const feed = new EventFeed({
    known,
    outbox: new Outbox(redis, keys),
    lanes: new EventLanes(redis, { keys, cipher, laneBytesMax, allBytesMax }),
    registry: new RedisInstanceRegistry(redis, keys),
    wake: async (lanes) => queue.wake(lanes),
    onError,
    now,
  });
  const sweep = new Sweep({
    targets,
    known,
    overviews: new TargetOverviews(redis, keys),
    letters: new DeadLetters(redis, keys),
    reader,
    queue,
    cipher,
    metrics,
    onError,
    now,
  });

  const lanes = {
    keys,
    onError,
    concurrency: LANES_AT_ONCE,
    process: async (lane: Lane) => forwarder.process(lane),
    now,
  };
  let consumer: ReturnType<typeof consumeLanes> | undefined;
  void layout.fits().then(async () => {
    // Without a key nothing can be decrypted: waiting entries stay in their lanes.
    if (env.FORWARD_KEY === undefined) return;
    await known.start();
    sweep.start();
    feed.start();
    consumer = consumeLanes(queueRedis, lanes);
  });
  const readiness = async () => {
    const { faults, warnings } = await checkRedis(redis, layout);
    const keyless = env.FORWARD_KEY === undefined ? ["FORWARD_KEY is not set: nothing is forwarded"] : [];
    return readinessOf({ faults, warnings: [...warnings, ...keyless] });
  };
  const ops = await startOpsServer({ host: env.OPS_HOST, port: env.FORWARDER_OPS_PORT, metrics: registry, readiness });
  const heartbeat = new Heartbeat(redis, keys, { app: "forwarder", readiness, totals: () => metrics.totals, now });
  heartbeat.start();
  return [
    () => ops.drain(),
    async () => heartbeat.stop(),
    () => layout.stop(),
    () => sweep.stop(),
    async () => feed.stop(),
    () => known.stop(),
    () => forwarder.stop(),
    () => setTimeout(() => forwarder.breakOff(), env.SHUTDOWN_TIMEOUT_MS / 2),
    async () => consumer?.close(),
    async () => agent.close(),
    () => queueRedis.disconnect(),
    () => redis.disconnect(),
  ];
}
