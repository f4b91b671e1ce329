import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Redis } from "ioredis";
import { contradictoryDay, contradictoryStatuses } from "../support/contradictory-day.ts";
import { shuffled, type Day } from "../support/day.ts";
import { freePort } from "../support/free-port.ts";
import { Gateway } from "../support/gateway.ts";
import { restoreLayout1 } from "../support/layout-1.ts";
import { startOwnRedis } from "../support/own-redis.ts";
import { upgrading } from "../support/upgrade-tool.ts";
import { nowSeconds } from "../support/webhooks.ts";
import { WEBHOOK_TOKEN, type System } from "../system.ts";
import type { Scenario } from "./catalogue.ts";
import { commonPrefix, compare } from "./checker.ts";
import { startCluster } from "./redis-group.ts";
import { allMessages, restAnswers } from "./rest-answers.ts";
import { Rig, startStandalone } from "./rig.ts";
import type { Result } from "./trial.ts";

const WEBHOOKS = 20_000;
const MESSAGES = 2_500;
const INSTANCES = 20;
const WORKERS = 3;
const DRAINED_MS_MAX = 120_000;
/** The data of version 0.1 belongs to the first ten ids. */
const OLD_INSTANCES = 10;
const REPORTED_MAX = 5;

/** A deployment that counts the same webhooks as the others. */
interface Deployment {
  readonly name: string;
  readonly start: () => Promise<Rig>;
  /** Runs when half of the webhooks are counted. @returns a description of each fault */
  readonly between?: (rig: Rig) => Promise<readonly string[]>;
}

const DEPLOYMENTS: readonly Deployment[] = [
  { name: "one worker", start: async () => (await startStandalone({ durability: "fast" })).rig },
  { name: "three workers", start: async () => (await startStandalone({ durability: "fast", workers: WORKERS })).rig },
  { name: "a cluster", start: async () => (await startCluster({ workers: WORKERS })).rig },
  { name: "upgraded data", start: async () => startUpgraded(WORKERS), between: upgradedAgain },
  { name: "upgraded data and one worker", start: async () => startUpgraded(1), between: upgradedAgain },
];

/** REST gives the same answers when the same webhooks arrive in another order, with more workers, on a cluster or beside upgraded data. */
const equalAnswers: Scenario = {
  name: "equal-answers",
  run: async (seed) => {
    const old = Array.from({ length: OLD_INSTANCES }, (_, i) => String(7_103_000_001 + i));
    let day: Day;
    // Generated ids start at the first id of version 0.1.
    do day = contradictoryDay({ size: WEBHOOKS, messages: MESSAGES, instanceCount: INSTANCES, seed });
    while (day.instances.some((instance) => old.includes(instance)));
    const now = nowSeconds();
    const period = `from=${now - 2 * 86_400}&to=${now + 86_400}`;
    const all: Counted[] = [];
    for (const [n, deployment] of DEPLOYMENTS.entries())
      all.push(await counted(deployment, { day, old, seed: seed + n, oldSeed: seed, period }));
    const sum = (pick: (of: Counted) => number) => all.reduce((total, of) => total + pick(of), 0);
    const expected = all[0]?.answers ?? new Map<string, string>();
    const expectedOfOld = all.find(({ answersOfOld }) => answersOfOld.size > 0)?.answersOfOld;
    const differing = all.flatMap(({ name, answers, answersOfOld }) => [
      ...differences(name, answers, expected),
      ...(answersOfOld.size > 0 ? differences(name, answersOfOld, expectedOfOld) : []),
    ]);
    return {
      fault: "equal-answers",
      seed,
      instances: day.instances,
      acknowledged: sum(({ acknowledged }) => acknowledged),
      refused: 0,
      unanswered: 0,
      lost: sum(({ lost }) => lost),
      countedTwice: sum(({ countedTwice }) => countedTwice),
      recoverySeconds: Math.max(...all.map(({ behindSeconds }) => behindSeconds)),
      note: `${expected.size} answers are the same with ${all.map(({ name }) => name).join(", ")}; of 0.1's data ${expectedOfOld?.size ?? 0}`,
      mayLose: false,
      faults: [...all.flatMap(({ faults }) => faults), ...differing],
    };
  },
};

interface Counted extends Pick<Result, "acknowledged" | "lost" | "countedTwice" | "faults"> {
  readonly name: string;
  readonly answers: ReadonlyMap<string, string>;
  /** Answers about the data of version 0.1, after further webhooks of its messages. */
  readonly answersOfOld: ReadonlyMap<string, string>;
  /** The longest time from the last 200 until everything was counted. */
  readonly behindSeconds: number;
}

interface Task {
  readonly day: Day;
  /** Instances of version 0.1. */
  readonly old: readonly string[];
  /** For the order of the webhooks. */
  readonly seed: number;
  /** For the further webhooks of the old instances. */
  readonly oldSeed: number;
  readonly period: string;
}

async function counted({ name, start, between }: Deployment, task: Task): Promise<Counted> {
  const { day, old, seed, oldSeed, period } = task;
  const rig = await start();
  try {
    const { system } = rig;
    const webhooks = shuffled(day.webhooks, seed);
    const half = Math.floor(webhooks.length / 2);
    const kept = await known(system, old);
    if (between !== undefined && kept.length === 0) throw new Error("the data of version 0.1 is missing");
    const before = await restAnswers(system, kept, period);
    const behind = [await deliver(system, webhooks.slice(0, half))];
    const faults = [...((await between?.(rig)) ?? [])];
    behind.push(await deliver(system, webhooks.slice(half)));
    const { lost, countedTwice, differences: differing } = await compare(system, day.instances, webhooks);
    const answers = await restAnswers(system, day.instances, period);
    faults.push(...differences(`${name}, of 0.1`, await restAnswers(system, kept, period), before), ...differing);
    const more: string[] = [];
    for (const instance of kept)
      more.push(
        ...contradictoryStatuses(instance, await allMessages(system, instance, "direction=outgoing&"), oldSeed),
      );
    behind.push(await deliver(system, shuffled(more, seed)));
    return {
      name,
      acknowledged: webhooks.length + more.length,
      answersOfOld: await restAnswers(system, kept, period),
      lost,
      countedTwice,
      faults,
      answers,
      behindSeconds: Math.max(...behind),
    };
  } finally {
    await rig.stop();
  }
}

async function known(system: System, instances: readonly string[]): Promise<readonly string[]> {
  const statuses = await Promise.all(instances.map(async (instance) => system.get(`/instances/${instance}`)));
  return instances.filter((_, i) => statuses[i]?.status === 200);
}

/** @returns seconds from the last 200 until everything was counted */
async function deliver(system: System, webhooks: readonly string[]): Promise<number> {
  await new Gateway({ port: system.ingestPort, token: WEBHOOK_TOKEN, connections: 32 }).deliver(webhooks);
  const acceptedAt = Date.now();
  await system.drained(DRAINED_MS_MAX);
  return (Date.now() - acceptedAt) / 1000;
}

/** Start on data of version 0.1 that `npm run upgrade` has converted. */
async function startUpgraded(workers: number): Promise<Rig> {
  const dir = await mkdtemp(join(tmpdir(), "ticktally-upgraded-"));
  const redis = await startOwnRedis({ dir: join(dir, "redis"), durability: "fast", port: await freePort() });
  const client = new Redis(redis.url, { connectionName: "ticktally" });
  await restoreLayout1(client);
  client.disconnect();
  const { exitCode, output } = await upgrading(redis.url).ended;
  if (exitCode !== 0) throw new Error(output);
  const ends = [async () => rm(dir, { recursive: true, force: true })];
  const workerEnvs = Array.from({ length: workers }, () => ({}));
  return Rig.on(redis, { env: { REDIS_URL: redis.url }, ends, workerEnvs });
}

/** Run the upgrade a second time, on data of the current version: it must change nothing. */
async function upgradedAgain({ system, processes }: Rig): Promise<readonly string[]> {
  await Promise.all(processes.map(async (app) => app.kill()));
  const { exitCode, output } = await upgrading(system.redisUrl).ended;
  await Promise.all(processes.map(async (app) => app.start()));
  return exitCode === 0 && output.includes("Nothing to do") ? [] : [`the second upgrade printed: ${output}`];
}

function differences(
  name: string,
  actual: ReadonlyMap<string, string>,
  expected: ReadonlyMap<string, string> = new Map(),
): readonly string[] {
  const paths = [...new Set([...actual.keys(), ...expected.keys()])];
  const differing = paths.filter((path) => actual.get(path) !== expected.get(path));
  const output = differing.slice(0, REPORTED_MAX).map((path) => {
    const [is, shouldBe] = [actual.get(path) ?? "nothing", expected.get(path) ?? "nothing"];
    const from = Math.max(0, commonPrefix(is, shouldBe) - 80);
    return `${name}: ${path} is …${is.slice(from, from + 200)}…, should be …${shouldBe.slice(from, from + 200)}…`;
  });
  return differing.length > REPORTED_MAX ? [...output, `${name}: ${differing.length} answers differ`] : output;
}

export const EQUALITY_SCENARIOS: readonly Scenario[] = [equalAnswers];
