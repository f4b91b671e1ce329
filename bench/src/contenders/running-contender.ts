import { isDeepStrictEqual } from "node:util";
import { setTimeout as delay } from "node:timers/promises";
import { freeLoopbackPort } from "../../../scripts/process/free-port.mjs";
import { checkNode, cpuSeconds, end, peakMib } from "../processes/processes.ts";
import { startStore } from "../stores/stores.ts";
import type { Contender, Role } from "./contenders.ts";
import type { Durability } from "../../../scripts/redis/embedded-redis.mjs";
import type { ChildProcess } from "node:child_process";
import type { Totals } from "../load/traffic.ts";
import type { Inspector } from "./inspectors.ts";

/** CPU seconds used so far */
export interface Cpu {
  ingest: number;
  worker: number;
  store: number;
}

const TOKEN = "bench-token-0123456789";
const DRAIN_POLL_MS = 5;
const STUCK_AFTER_MS = 60_000;

export type Running = Awaited<ReturnType<typeof startContender>>;

/** Start a contender on a new, empty store. */
export async function startContender(
  contender: Contender,
  { durability, roles = contender.roles }: { durability: Durability; roles?: readonly Role[] },
) {
  const store = await startStore(contender.store, durability);
  const place = { storeUrl: store.url, port: await freeLoopbackPort(), token: TOKEN };
  const children = new Map<Role, ChildProcess>();
  const start = async (role: Role) => {
    const child = await contender.start(role, place);
    checkNode(child);
    children.set(role, child);
  };
  await Promise.all(roles.map(start));
  const inspector = await contender.inspect(store.url);
  return {
    endpoint: { port: place.port, path: contender.path, token: TOKEN },
    storeUrl: store.url,
    inspector,
    start,
    /** The highest resident memory so far, MiB. */
    peakMib: (role: Role) => peakMib(children.get(role)?.pid),
    cpu: (): Cpu => ({
      ingest: cpuSeconds(children.get("ingest")?.pid),
      worker: cpuSeconds(children.get("worker")?.pid),
      store: store.cpuSeconds(),
    }),
    stop: async () => {
      await end([...children.values()]);
      await inspector.close();
      await store.stop();
    },
  };
}

/** Resolves when the queue is empty. */
export async function untilDrained({ inspector }: Running) {
  let [left, changedAt] = [Infinity, Date.now()];
  for (;;) {
    const askedAt = performance.now();
    const { waiting } = await inspector.queue();
    if (waiting === 0) return;
    // Polling must not slow down the contender: a count in PostgreSQL reads every job.
    const pauseMs = Math.max(DRAIN_POLL_MS, 10 * (performance.now() - askedAt));
    if (waiting !== left) [left, changedAt] = [waiting, Date.now()];
    if (Date.now() - changedAt > STUCK_AFTER_MS)
      throw new Error(`${waiting} are waiting, and none was processed for a minute`);
    await delay(pauseMs);
  }
}

/** @throws the contender has wrong counts, so its figures mean nothing */
export async function checkTotals(
  name: string,
  { inspector }: { inspector: Pick<Inspector, "totals"> },
  expected: Totals,
) {
  const counted = {
    ...Object.fromEntries(Object.keys(expected).map((word) => [word, 0])),
    ...(await inspector.totals()),
  };
  if (isDeepStrictEqual(counted, { ...expected })) return;
  throw new Error(`${name} counted wrong: ${JSON.stringify(counted)} in place of ${JSON.stringify(expected)}`);
}
