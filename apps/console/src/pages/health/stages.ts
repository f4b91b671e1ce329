import { count, percent } from "../../format/numbers.ts";
import { bytes } from "../../format/bytes.ts";
import { duration } from "../../format/times.ts";
import type { Health, ProcessHealth } from "@ticktally/schemas";

/** The state of each part of the pipeline, with the reason in words. */

export type Tone = "good" | "warn" | "bad";

export interface Stage {
  readonly title: string;
  readonly tone: Tone;
  readonly word: string;
  /** Why it is not good. */
  readonly reasons: readonly string[];
  /** What it does now. */
  readonly facts: readonly (readonly [name: string, value: string])[];
}

const OLDEST_WARN_SECONDS = 60;
const OLDEST_BAD_SECONDS = 600;
const MEMORY_WARN = 0.8;
const MEMORY_BAD = 0.95;

/** In the order in which a webhook passes them on its way to a number. */
export function stagesOf(health: Health, now: number): readonly Stage[] {
  const of = (app: string) => processesOf(health, app);
  return [
    ofProcesses("Ingest", of("ingest"), [["Accepted", rateOf(of("ingest"), "accepted")]]),
    queueStage(health, now),
    ofProcesses("Worker", of("worker"), [
      ["Counted", rateOf(of("worker"), "counted")],
      ["Lag", duration(Math.max(0, ...of("worker").map(({ gauges }) => gauges["lagSeconds"] ?? 0)))],
    ]),
    redisStage(health),
    ofProcesses("API", of("api"), []),
  ];
}

/** The forwarder; `undefined` if none runs, because then nothing is forwarded. */
export function forwarderStage(health: Health): Stage | undefined {
  const forwarders = processesOf(health, "forwarder");
  return forwarders.length === 0
    ? undefined
    : ofProcesses("Forwarder", forwarders, [
        ["Delivered", rateOf(forwarders, "delivered")],
        ["Refused", rateOf(forwarders, "failed")],
      ]);
}

/** Webhooks per second that arrive or are counted. */
export function flowOf(health: Health, app: "ingest" | "worker"): number {
  return sumOf(processesOf(health, app), app === "ingest" ? "accepted" : "counted");
}

function processesOf(health: Health, app: string): readonly ProcessHealth[] {
  return health.processes.filter((one) => one.app === app);
}

function ofProcesses(title: string, processes: readonly ProcessHealth[], facts: Stage["facts"]): Stage {
  const count_ = processes.length;
  const memory = processes.reduce((sum, { memoryBytes }) => sum + memoryBytes, 0);
  const all: Stage["facts"] = [...facts, ["Memory", bytes(memory)], ["Processes", count(count_)]];
  if (count_ === 0)
    return {
      title,
      tone: "bad",
      word: "not running",
      reasons: ["No process has reported in the last 20 seconds."],
      facts: [],
    };
  const waiting = processes.filter(({ ready }) => !ready);
  if (waiting.length > 0) {
    const word = waiting.length === count_ ? "not ready" : `${String(waiting.length)} of ${String(count_)} not ready`;
    return { title, tone: "bad", word, reasons: [...new Set(waiting.flatMap(({ reasons }) => reasons))], facts: all };
  }
  const warnings = [...new Set(processes.flatMap((one) => one.warnings))];
  return warnings.length > 0
    ? { title, tone: "warn", word: "works, with a warning", reasons: warnings, facts: all }
    : { title, tone: "good", word: "works", reasons: [], facts: all };
}

function queueStage({ queue }: Health, now: number): Stage {
  const oldest = queue.oldestReceivedAt === null ? 0 : Math.max(0, (now - Date.parse(queue.oldestReceivedAt)) / 1_000);
  const facts: Stage["facts"] = [
    ["Waiting", count(queue.waiting + queue.delayed)],
    ["Oldest", queue.oldestReceivedAt === null ? "–" : duration(oldest)],
    ["Given up", count(queue.failed)],
  ];
  const reasons = [
    ...(oldest > OLDEST_WARN_SECONDS
      ? [`The oldest webhook has waited ${duration(oldest)}: numbers are that old.`]
      : []),
    ...(queue.failed > 0 ? [`${count(queue.failed)} jobs have failed; a worker puts them back into the queue.`] : []),
  ];
  if (reasons.length === 0)
    return { title: "Queue", tone: "good", word: queue.waiting === 0 ? "empty" : "moving", reasons, facts };
  return { title: "Queue", tone: oldest > OLDEST_BAD_SECONDS ? "bad" : "warn", word: "behind", reasons, facts };
}

function redisStage({ redis }: Health): Stage {
  const used = redis.reduce((sum, node) => sum + node.usedMemoryBytes, 0);
  const most = redis.reduce((sum, node) => sum + node.maxMemoryBytes, 0);
  const fullest = Math.max(
    0,
    ...redis.map((node) => (node.maxMemoryBytes === 0 ? 0 : node.usedMemoryBytes / node.maxMemoryBytes)),
  );
  const facts: Stage["facts"] = [
    ["Memory", bytes(used)],
    ["Limit", most === 0 ? "none" : bytes(most)],
    ["Nodes", count(redis.length)],
  ];
  const bad = [
    ...(redis.some(({ isAofOk }) => !isAofOk)
      ? ["Its append-only file could not be written: a crash would lose data."]
      : []),
    ...(fullest >= MEMORY_BAD ? [`Its memory is ${percent(fullest)} full: soon nothing more can be stored.`] : []),
  ];
  const warnings = [
    ...(redis.some(({ mayEvict }) => mayEvict)
      ? ["It may delete data when its memory is full: set maxmemory-policy to noeviction."]
      : []),
    ...(fullest >= MEMORY_WARN && fullest < MEMORY_BAD ? [`Its memory is ${percent(fullest)} full.`] : []),
  ];
  if (bad.length > 0) return { title: "Redis", tone: "bad", word: "in trouble", reasons: [...bad, ...warnings], facts };
  return warnings.length > 0
    ? { title: "Redis", tone: "warn", word: "works, with a warning", reasons: warnings, facts }
    : { title: "Redis", tone: "good", word: "works", reasons: [], facts };
}

function rateOf(processes: readonly ProcessHealth[], name: string): string {
  return `${RATE.format(sumOf(processes, name))} / s`;
}

function sumOf(processes: readonly ProcessHealth[], name: string): number {
  return processes.reduce((total, { ratesPerSecond }) => total + (ratesPerSecond[name] ?? 0), 0);
}

const RATE = new Intl.NumberFormat(globalThis.navigator.language, { maximumFractionDigits: 1 });
