// The sections of a comparison: the same work for a base, for ours and for the plain design, of which both are shown as a multiple.
import { BASELINE, CLUSTERS, contender } from "../contenders/contenders.ts";
import { inRounds } from "../results/rounds.ts";
import { webhooksFor } from "../sections/end-to-end.ts";
import { measureIn } from "./checkouts.ts";
import { BASE, OURS, withPlainMultiples } from "./figures.ts";
import type { Checkout } from "./checkouts.ts";
import type { Task } from "./measure-checkout.ts";
import type { Section, Settings, Column } from "../section.ts";

interface Side {
  checkout: Checkout;
  contender: string;
}

/** The names of the sections, to check options before a base is built. */
export const COMPARED = ["end-to-end", "drain", "batch-cost", "cluster"];

const CLUSTER = CLUSTERS[0]?.name ?? "";
const DRAINED = { short: 100_000, full: 1_000_000 };
const CLUSTER_CONNECTIONS = 64;
/** Redis's CPU time is reported in steps of 10 ms. This many events cost at least 1 s. */
const EVENTS = { short: 40_000, full: 100_000 };
const INSTANCES = 1_000;
/** 56 is the batch size of ingest with 64 connections. */
const SIZES = [56, 100];

export function comparisonSections(base: Checkout, ours: Checkout): readonly Section[] {
  const sides = (of: string) => ({
    [BASE]: { checkout: base, contender: of },
    [OURS]: { checkout: ours, contender: of },
  });
  const plain = { [BASELINE]: { checkout: ours, contender: BASELINE } };
  const titles: Record<string, string> = {
    [BASELINE]: contender(BASELINE).title,
    [BASE]: `base, ${base.label}`,
    [OURS]: `ours, ${ours.label}`,
  };

  const rowsOf = async ({ rounds, print }: Settings, measured: Record<string, Side>, taskFor: (side: Side) => Task) => {
    const names = Object.keys(measured).map((name) => ({ name, title: titles[name] ?? name }));
    const measure = async (name: string) => {
      const side = measured[name];
      if (side === undefined) throw new Error(`there is no ${name} in this comparison`);
      return measureIn(side.checkout, taskFor(side));
    };
    return withPlainMultiples(await inRounds(names, { rounds, print, measure }), BASELINE);
  };

  const endToEndRows = async (settings: Settings, measured: Record<string, Side>, connections: number, now: number) => {
    const { seconds, durability } = settings;
    const task = { kind: "endToEnd" as const, connections, seconds, durability, now };
    const webhooks = webhooksFor(seconds);
    return rowsOf(settings, measured, (side) => ({ ...task, webhooks, contender: side.contender }));
  };

  return [
    {
      name: "end-to-end",
      title: "POST → counted",
      run: async (settings) => {
        const now = Date.now();
        const tables = [];
        for (const connections of [64, 256]) {
          settings.print(`${connections} connections`);
          tables.push({
            name: `compared-connections-${connections}`,
            title: `POST → counted, ${connections} connections`,
            how: `As fast as it goes for ${settings.seconds} s after ${settings.seconds} s unmeasured.`,
            baseline: BASE,
            columns: END_TO_END,
            rows: await endToEndRows(settings, { ...plain, ...sides("ticktally") }, connections, now),
          });
        }
        return tables;
      },
    },
    {
      name: "drain",
      title: "Draining a full queue",
      run: async (settings) => {
        const webhooks = settings.isShort ? DRAINED.short : DRAINED.full;
        const task = {
          kind: "drain" as const,
          webhooks,
          durability: settings.durability,
          now: Date.now(),
        };
        const measured = { ...plain, ...sides("ticktally") };
        const table = {
          name: "compared-drain",
          title: `One worker on a queue of ${webhooks.toLocaleString("en-US")} webhooks`,
          how: "In jobs of 100 webhooks; the plain design has a tenth as many webhooks, one a job.",
          baseline: BASE,
          columns: DRAIN,
          rows: await rowsOf(settings, measured, (side) => ({ ...task, contender: side.contender })),
        };
        return [table];
      },
    },
    {
      name: "batch-cost",
      title: "Cost by size of batch",
      run: async (settings) => {
        const webhooks = settings.isShort ? EVENTS.short : EVENTS.full;
        const of = { webhooks, instances: INSTANCES, sizes: SIZES, durability: settings.durability, now: Date.now() };
        const table = {
          name: "compared-batch-cost",
          title: "What one webhook costs Redis",
          how: `${webhooks.toLocaleString("en-US")} events over ${INSTANCES.toLocaleString("en-US")} instances, the store called directly on an empty Redis.`,
          baseline: BASE,
          columns: SIZES.map((size) => ({
            key: `size${size}`,
            label: `Redis, CPU µs at ${size} events a call`,
            digits: 2,
          })),
          rows: await rowsOf(settings, sides("store"), () => ({ kind: "batchCost", ...of })),
        };
        return [table];
      },
    },
    {
      name: "cluster",
      title: "Redis Cluster",
      run: async (settings) => {
        const table = {
          name: "compared-cluster",
          title: `POST → counted on a Redis Cluster of one master, ${CLUSTER_CONNECTIONS} connections`,
          how: `${settings.seconds} s a round after as many unmeasured, 8 queues.`,
          baseline: BASE,
          columns: END_TO_END,
          rows: await endToEndRows(settings, sides(CLUSTER), CLUSTER_CONNECTIONS, Date.now()),
        };
        return [table];
      },
    },
  ];
}

const COUNTED: Column[] = [
  { key: "countedPerSecond", label: "counted/s", digits: 0 },
  { key: "timesPlain", label: "counted/s ÷ plain", digits: 2 },
];

const END_TO_END: Column[] = [
  ...COUNTED,
  { key: "cpuMicros", label: "all, CPU µs a webhook", digits: 1 },
  { key: "ingestMicros", label: "ingest, CPU µs", digits: 1 },
  { key: "workerMicros", label: "worker, CPU µs", digits: 1 },
  { key: "storeMicros", label: "Redis, CPU µs", digits: 1 },
  { key: "ackP50Ms", label: "ack p50, ms", digits: 1 },
  { key: "ackP99Ms", label: "ack p99, ms", digits: 1 },
  { key: "loadMicros", label: "load generator, CPU µs", digits: 1 },
];

const DRAIN: Column[] = [
  ...COUNTED,
  { key: "workerMicros", label: "worker, CPU µs", digits: 1 },
  { key: "storeMicros", label: "Redis, CPU µs", digits: 1 },
];
