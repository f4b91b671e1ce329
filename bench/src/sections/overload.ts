import { contender } from "../contenders/contenders.ts";
import { post, requestsOf } from "../load/load.ts";
import { rowOf } from "../results/rounds.ts";
import { checkTotals, startContender, untilDrained } from "../contenders/running-contender.ts";
import { quantile } from "../results/statistics.ts";
import { messageId, randomFrom, totalsOf } from "../load/traffic.ts";
import { trafficFor } from "./end-to-end.ts";
import type { Section, Column } from "../section.ts";
import type { Durability } from "../../../scripts/redis/embedded-redis.mjs";

const NAME = "ticktally";
const CONNECTIONS = 256;
/** More than ingest lets wait (20 batches of 500), so that it must refuse some. */
const CONNECTIONS_OVERLOADED = 12_000;
const TIMES_SUSTAINABLE = 2;
const INSTANCES = 1_000;

/** Twice the sustainable load: how much is refused, how much memory is used, and whether everything that was answered 200 is counted. */
export const overload: Section = {
  name: "overload",
  title: "Overload",
  run: async ({ isShort, seconds: sustainedFor, durability, print }) => {
    const seconds = isShort ? 10 : 60;
    const sample = await measureOnce({ sustainedFor, seconds, durability });
    print(`  ${JSON.stringify(sample)}`);
    const table = {
      name: "overload",
      title: `${TIMES_SUSTAINABLE} times the sustainable load for ${seconds} s`,
      how: `Sustainable is what ${CONNECTIONS} connections get through just before. Then at a fixed rate over ${CONNECTIONS_OVERLOADED.toLocaleString("en-US")} connections; everything that was answered 200 is counted at the end, or this would fail.`,
      columns: COLUMNS,
      rows: [rowOf(NAME, "Ticktally", [sample])],
    };
    return [table];
  },
};

const COLUMNS: Column[] = [
  { key: "sustainedPerSecond", label: "sustainable/s", digits: 0 },
  { key: "offeredPerSecond", label: "offered/s", digits: 0 },
  { key: "acceptedPerSecond", label: "200/s", digits: 0 },
  { key: "refusedPercent", label: "503, %", digits: 1 },
  { key: "answerP50Ms", label: "answer p50, ms", digits: 0 },
  { key: "answerP99Ms", label: "answer p99, ms", digits: 0 },
  { key: "ingestBeforeMib", label: "ingest before, MiB", digits: 0 },
  { key: "ingestPeakMib", label: "ingest peak, MiB", digits: 0 },
  { key: "workerPeakMib", label: "worker peak, MiB", digits: 0 },
  { key: "drainedSeconds", label: "counted after, s", digits: 1 },
];

async function measureOnce({
  sustainedFor,
  seconds,
  durability,
}: {
  sustainedFor: number;
  seconds: number;
  durability: Durability;
}) {
  const running = await startContender(contender(NAME), { durability });
  const { endpoint } = running;
  try {
    const { bodies, steps } = trafficFor(sustainedFor);
    const made = requestsOf(endpoint, bodies);
    const usual = { port: endpoint.port, connections: CONNECTIONS, seconds: sustainedFor };
    const first = await post({ ...usual, requests: made });
    const sustained = await post({ ...usual, requests: made.slice(first.posted) });
    if (first.refused + sustained.refused > 0) throw new Error("some webhooks were refused before the overload");
    await untilDrained(running);
    const ingestBeforeMib = running.peakMib("ingest");

    const sustainedPerSecond = sustained.accepted / sustained.seconds;
    const offeredPerSecond = TIMES_SUSTAINABLE * sustainedPerSecond;
    const requests = requestsOf(endpoint, sentOnce(Math.round(offeredPerSecond * seconds)));
    const intervalMs = 1000 / offeredPerSecond;
    const load = await post({ port: endpoint.port, requests, connections: CONNECTIONS_OVERLOADED, intervalMs });
    const drainingSince = performance.now();
    await untilDrained(running);
    const drainedSeconds = (performance.now() - drainingSince) / 1000;
    const totals = totalsOf(steps.slice(0, first.posted + sustained.posted));
    const { observed, sent } = totals;
    await checkTotals(NAME, running, { ...totals, observed: observed + load.accepted, sent: sent + load.accepted });
    return {
      sustainedPerSecond,
      offeredPerSecond,
      acceptedPerSecond: load.accepted / load.seconds,
      refusedPercent: (100 * load.refused) / requests.length,
      answerP50Ms: quantile(load.latenciesMs, 0.5),
      answerP99Ms: quantile(load.latenciesMs, 0.99),
      ingestBeforeMib,
      ingestPeakMib: running.peakMib("ingest"),
      workerPeakMib: running.peakMib("worker"),
      drainedSeconds,
    };
  } finally {
    await running.stop();
  }
}

/** Webhooks with one message each, so that the number of accepted webhooks gives the expected counts. */
function sentOnce(webhooks: number) {
  const random = randomFrom(2);
  const timestamp = Math.floor(Date.now() / 1000);
  return Array.from({ length: webhooks }, (_, i) =>
    JSON.stringify({
      typeWebhook: "outgoingMessageStatus",
      chatId: `7900${String(1_000_000 + (i % 20_000))}@c.us`,
      instanceData: { idInstance: 1_101_000_000 + (i % INSTANCES), wid: "79876543210@c.us", typeInstance: "whatsapp" },
      timestamp,
      idMessage: messageId(random),
      status: "sent",
      sendByApi: true,
    }),
  );
}
