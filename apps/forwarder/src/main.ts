import {
  checkRedis,
  connect,
  consumeLanes,
  DeadLetters,
  EventLanes,
  ForwardCipher,
  forwardingRoom,
  Heartbeat,
  Keys,
  LaneQueue,
  LaneReader,
  Outbox,
  RedisInstanceRegistry,
  type Lane,
  redisTarget,
  RedisTargets,
  StoredLayout,
  TargetOverviews,
} from "@ticktally/redis";
import { postingAgent, postTo } from "@ticktally/outbound";
import { forwarderEnvironment, OutboundNetworks, readEnvironment, type StoredTarget } from "@ticktally/schemas";
import {
  createLogger,
  createRegistry,
  endProcess,
  onShutdown,
  readinessOf,
  logThrottled,
  start,
  startOpsServer,
} from "@ticktally/telemetry";
import { EventFeed } from "./event-feed.ts";
import { ForwarderMetrics } from "./forwarder-metrics.ts";
import { HostPlaces } from "./host-places.ts";
import { KnownTargets, type KnownTarget } from "./known-targets.ts";
import { LaneForwarder } from "./lane-forwarder.ts";
import { Sweep } from "./sweep.ts";

/** A hundred targets with ten requests each: no target leaves another without a place. */
const LANES_AT_ONCE = 1_000;

await start(async () => {
  const env = readEnvironment(forwarderEnvironment, process.env);
  const logger = createLogger("forwarder", env.LOG_LEVEL);
  const registry = createRegistry();
  const onError = logThrottled(logger, "Redis cannot be used; nothing is forwarded", Date.now);
  const [keys, now] = [new Keys(), Date.now];
  const [queueRedis, redis] = [
    connect(redisTarget(env), "worker", onError),
    connect(redisTarget(env), "reader", onError),
  ];
  const layout = new StoredLayout(redis, keys);
  layout.start((fault) => logger.error({ fault }, "nothing is forwarded"));
  const cipher = new ForwardCipher(env.FORWARD_KEY ?? []);
  const [targets, reader, metrics] = [
    new RedisTargets(redis, keys),
    new LaneReader(redis, keys),
    new ForwarderMetrics(registry),
  ];
  const queue = new LaneQueue(redis, { keys, onError, onUnusable: endProcess(logger) });
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
      logger.warn({ target: name }, "the target answered 410: nothing more is sent there");
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
  const consumer = layout.fits().then(async () => {
    // Without a key nothing can be read: what waits is left where it is.
    if (env.FORWARD_KEY === undefined) return undefined;
    await known.start();
    sweep.start();
    feed.start();
    return consumeLanes(queueRedis, lanes);
  });
  const readiness = async () => {
    const { faults, warnings } = await checkRedis(redis, layout);
    const keyless = env.FORWARD_KEY === undefined ? ["FORWARD_KEY is not set: nothing is forwarded"] : [];
    return readinessOf({ faults, warnings: [...warnings, ...keyless] });
  };
  const ops = await startOpsServer({ host: env.OPS_HOST, port: env.FORWARDER_OPS_PORT, metrics: registry, readiness });
  const heartbeat = new Heartbeat(redis, keys, { app: "forwarder", readiness, totals: () => metrics.totals, now });
  heartbeat.start();
  logger.info({ opsHost: env.OPS_HOST, opsPort: env.FORWARDER_OPS_PORT }, "forwarding");

  onShutdown(logger, env.SHUTDOWN_TIMEOUT_MS, [
    () => ops.drain(),
    async () => heartbeat.stop(),
    () => layout.stop(),
    () => sweep.stop(),
    async () => feed.stop(),
    () => known.stop(),
    () => forwarder.stop(),
    () => setTimeout(() => forwarder.breakOff(), env.SHUTDOWN_TIMEOUT_MS / 2),
    async () => (await consumer)?.close(),
    async () => agent.close(),
    () => queueRedis.disconnect(),
    () => redis.disconnect(),
  ]);
});
