import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { z } from "zod";
import { startRedisCluster, type RedisCluster } from "../../scripts/redis/redis-cluster.mjs";
import { AppProcess } from "../support/app-process.ts";
import { killWithParent } from "../support/kill-with-parent.ts";
import { freePort } from "../support/free-port.ts";
import type { OwnRedis } from "../support/own-redis.ts";
import { AdjustableClock } from "../support/adjustable-clock.ts";
import { Gateway } from "../support/gateway.ts";
import { answering, ok, TargetReceiver, type Behaviour } from "../support/target-receiver.ts";
import { until } from "../support/until.ts";
import { observation } from "../support/webhooks.ts";
import { startSystem, WEBHOOK_TOKEN, type System } from "../system.ts";
import type { Scenario } from "./catalogue.ts";
import { pause } from "./pause.ts";
import type { Result } from "./trial.ts";

/** A system with two targets, into which faults are injected. */
interface ForwardingSetup {
  readonly system: System;
  /** Receives the webhooks of all instances. */
  readonly receiver: TargetReceiver;
  /** A second target, for the first instance only. */
  readonly second: TargetReceiver;
}

interface ForwardingFault {
  readonly name: string;
  readonly isLong?: boolean;
  readonly instances?: number;
  /** Environment of every app. */
  readonly env?: Readonly<Record<string, string>>;
  /** Divides the forwarder's time limit for a request to a target (180 s). */
  readonly limitDividedBy?: number;
  readonly onCluster?: boolean;
  /** Whether the fault makes the forwarder repeat webhooks. */
  readonly repeats?: "none" | "some";
  /** Injects the fault and ends it. */
  readonly inject: (setup: ForwardingSetup) => Promise<unknown>;
}

const INSTANCES = 20;
const WEBHOOKS = 40;
const FAULT_MS = 5_000;
const RECOVERY_MS_MAX = 120_000;
/** The time limit for a receiver's answer. */
const LIMIT_MS = 180_000;
const LIMIT_DIVISOR = 30;
const MASTERS = 3;

const whileBehaving =
  (behaviour: Behaviour) =>
  async ({ receiver }: ForwardingSetup) => {
    receiver.behaviour = behaviour;
    await pause(FAULT_MS);
    receiver.behaviour = ok;
  };

const FAULTS: readonly ForwardingFault[] = [
  {
    name: "target-dead",
    inject: async ({ receiver }) => {
      const { port } = receiver;
      await receiver.stop();
      await pause(FAULT_MS);
      await receiver.restart(port);
    },
  },
  { name: "target-500", inject: whileBehaving(answering(500)) },
  { name: "target-201", inject: whileBehaving(answering(201)) },
  { name: "target-redirects", inject: whileBehaving(answering(302, { location: "http://127.0.0.1:1/" })) },
  { name: "target-slow", inject: whileBehaving((_, res) => void setTimeout(() => res.end(), 2_000)) },
  ...answersAfter("target-just-in-time", { share: 0.75, repeats: "none", limitDividedBy: LIMIT_DIVISOR }),
  ...answersAfter("target-too-late", { share: 1.25, repeats: "some", limitDividedBy: LIMIT_DIVISOR }),
  ...answersAfter("target-slow-179s", { share: 179 / 180, repeats: "none" }),
  ...answersAfter("target-slow-181s", { share: 181 / 180, repeats: "some" }),
  {
    name: "target-hangs",
    inject: async ({ receiver }) => {
      receiver.behaviour = () => undefined;
      await pause(FAULT_MS);
      receiver.behaviour = ok;
      receiver.hangUp();
    },
  },
  {
    name: "target-closes-half-way",
    inject: whileBehaving((_, res) => {
      res.writeHead(500, { "content-length": "100" }).write("half");
      setTimeout(() => res.destroy(), 20);
    }),
  },
  {
    name: "target-poisoned-head",
    repeats: "some",
    // One webhook of each instance is refused for a while; the ones after it must wait.
    inject: async ({ receiver }) => {
      receiver.behaviour = (post, res) => void res.writeHead(/"I\d+-20"/.test(post.body) ? 500 : 200).end();
      await pause(FAULT_MS);
      receiver.behaviour = ok;
    },
  },
  { name: "one-target-of-two-hundred-lanes-dead", instances: 200, inject: async ({ second }) => second.stop() },
  {
    name: "forwarder-sigkill-in-mid-send",
    inject: async ({ system, receiver }) => {
      receiver.behaviour = () => undefined;
      await pause(1_000);
      await system.kill("forwarder", "SIGKILL");
      receiver.behaviour = ok;
      receiver.hangUp();
      await system.start("forwarder");
    },
  },
  {
    name: "two-forwarders",
    inject: async ({ system }) => {
      const port = String(await freePort());
      const env = { ...system.environment, FORWARDER_OPS_PORT: port };
      const other = new AppProcess("forwarder", env, `http://127.0.0.1:${port}`);
      await other.start();
      await pause(FAULT_MS);
      await other.kill("SIGKILL");
    },
  },
  {
    name: "forwarding-on-a-cluster",
    onCluster: true,
    inject: async ({ system, receiver }) => {
      const { port } = receiver;
      await receiver.stop();
      await system.kill("forwarder", "SIGKILL");
      await pause(FAULT_MS);
      await Promise.all([system.start("forwarder"), receiver.restart(port)]);
    },
  },
  {
    name: "redis-sigkill-while-forwarding",
    inject: async ({ system }) => {
      await system.killRedis();
      await pause(1_000);
      await system.restartRedis();
    },
  },
  {
    name: "lanes-full",
    env: { FORWARD_MAX_BYTES: "6000" },
    inject: whileBehaving(answering(503)),
  },
];

export const FORWARDING_SCENARIOS: readonly Scenario[] = FAULTS.map((fault) => ({
  name: fault.name,
  isLong: fault.isLong === true,
  run: async (seed) => run(fault, seed),
}));

/** A receiver that answers 200 after a share of the time limit. */
function answersAfter(
  name: string,
  { share, limitDividedBy = 1, repeats }: { share: number } & Pick<ForwardingFault, "limitDividedBy" | "repeats">,
): readonly ForwardingFault[] {
  const afterMs = (share * LIMIT_MS) / limitDividedBy;
  const inject = whileBehaving((_, res) => void setTimeout(() => res.end(), afterMs));
  return [{ name, isLong: afterMs > 60_000, limitDividedBy, ...(repeats && { repeats }), inject }];
}

/** @returns the system, and functions that stop everything else that was started */
async function startSetup({ env = {}, limitDividedBy = 1, onCluster = false }: ForwardingFault) {
  const base = { forwards: true, durability: "durable", env: { FORWARD_PAUSE_MS: "500", ...env } } as const;
  const dir = await mkdtemp(join(tmpdir(), "ticktally-forwarding-"));
  const ends: (() => Promise<unknown>)[] = [async () => rm(dir, { recursive: true, force: true })];
  if (onCluster) {
    const cluster = await startRedisCluster({ dir, masters: MASTERS, durability: "durable", onStart: killWithParent });
    ends.unshift(async () => cluster.stop());
    const redis = oneOf(cluster);
    return { system: await startSystem({ ...base, redis, env: { ...base.env, REDIS_CLUSTER: "true" } }), ends };
  }
  const system = await startSystem(base);
  if (limitDividedBy === 1) return { system, ends };
  const clock = await AdjustableClock.start({ signals: limitDividedBy });
  ends.unshift(async () => clock.remove());
  await system.kill("forwarder");
  await system.start("forwarder", clock.env);
  return { system, ends };
}

/** The cluster as an {@link OwnRedis}; no scenario stops a node. */
function oneOf({ url, ports: [port = 0], pids: [pid = 0] }: RedisCluster): OwnRedis {
  const never = async () => Promise.reject(new Error("the nodes of a cluster cannot be restarted together"));
  return { url, port, pid, stop: async () => Promise.resolve(), kill9: never, restart: never };
}

async function run(fault: ForwardingFault, seed: number): Promise<Result> {
  const { name, instances: count = INSTANCES, isLong = false, inject } = fault;
  const recoveryMsMax = RECOVERY_MS_MAX + (isLong ? 2 * LIMIT_MS : 0);
  const [{ system, ends }, receiver, second] = await Promise.all([
    startSetup(fault),
    TargetReceiver.start(),
    TargetReceiver.start(),
  ]);
  try {
    const instances = Array.from({ length: count }, (_, i) => String(7_103_100_000 + i));
    await createTarget(system, { name: "all", url: receiver.url });
    await createTarget(system, { name: "second", url: second.url, instances: instances.slice(0, 1) });
    let refused = 0;
    const sending = Promise.all(
      instances.map(async (instance, i) => {
        const gateway = new Gateway({
          port: system.ingestPort,
          token: WEBHOOK_TOKEN,
          connections: 1,
          webhooksPerSecond: 8,
        });
        await gateway.deliver(idsOf(i).map((id) => JSON.stringify(observation("incoming", instance, id))));
        refused += gateway.refused;
      }),
    );
    await pause(1_000);
    await inject({ system, receiver, second });
    const recoveryStartedAt = Date.now();
    await sending;
    await until("all is forwarded", async () => (await depthOf(system, "all")) === 0, recoveryMsMax);
    const recoverySeconds = (Date.now() - recoveryStartedAt) / 1000;
    await system.drained(RECOVERY_MS_MAX);
    const { totalMessages } = await system.metrics("all");
    const faults = [
      ...instances.flatMap((instance, i) => orderFaults(receiver, instance, idsOf(i))),
      ...(totalMessages === count * WEBHOOKS ? [] : [`${totalMessages} messages are counted`]),
    ];
    const repeats = receiver.posts.length - count * WEBHOOKS;
    const isRepeated = repeats > 0 ? "some" : "none";
    if (fault.repeats !== undefined && fault.repeats !== isRepeated) faults.push(`${repeats} were sent again`);
    return {
      fault: name,
      seed,
      instances,
      acknowledged: count * WEBHOOKS,
      refused,
      unanswered: 0,
      lost: 0,
      countedTwice: 0,
      recoverySeconds,
      note: `${receiver.posts.length} requests, ${repeats} of them repeats`,
      mayLose: false,
      faults,
    };
  } finally {
    await Promise.all([system.stop(), receiver.stop(), second.stop()].map(async (stop) => stop.catch(() => undefined)));
    for (const end of ends) await end();
  }
}

function idsOf(index: number): readonly string[] {
  return Array.from({ length: WEBHOOKS }, (_, i) => `I${index}-${i}`);
}

/** Every webhook was received, in order. Repeats are allowed directly after the first one. */
function orderFaults({ posts }: TargetReceiver, instance: string, expected: readonly string[]): readonly string[] {
  const ids = posts
    .filter(({ body }) => body.includes(`"idInstance":${instance}`))
    .map(({ body }) => z.object({ idMessage: z.string() }).parse(JSON.parse(body)).idMessage);
  const once = ids.filter((id, i) => id !== ids[i - 1]);
  const isInOrder = once.length === expected.length && once.every((id, i) => id === expected[i]);
  return isInOrder ? [] : [`${instance} was forwarded ${once.join(" ")}`];
}

async function createTarget(system: System, target: object): Promise<void> {
  const { status, text } = await system.send("POST", "/targets", { mode: "relay", ...target });
  if (status !== 201) throw new Error(`the target was not created: ${text}`);
}

/** @returns `undefined` while Redis is unreachable */
async function depthOf(system: System, name: string): Promise<number | undefined> {
  const { status, text } = await system.get(`/targets/${name}`);
  return status === 200
    ? z.object({ target: z.object({ depth: z.number() }) }).parse(JSON.parse(text)).target.depth
    : undefined;
}
