// Load at a fixed rate, open loop: requests are started on schedule whether or not earlier ones were answered.
import { once } from "node:events";
import { connect } from "node:net";
import { Worker } from "node:worker_threads";
import { AnswerReader, isOk } from "./load.ts";
import { dueMs, latenciesFrom } from "./schedule.ts";
import { quantile } from "../results/statistics.ts";
import type { Schedule } from "./schedule.ts";

export interface OpenLoad {
  accepted: number;
  refused: number;
  /** of the load generator */
  cpuSeconds: number;
  /** the highest number of open connections */
  connectionsMost: number;
  /** ms from the scheduled start to the answer */
  latencies: { p50: number; p99: number; max: number };
  /** how late the load generator itself started requests, ms; included in the latencies */
  startedLateP99: number;
}

/** Further requests wait for a free connection. Latencies include this wait, because they begin at the scheduled start. */
const CONNECTIONS_MAX = 2_000;
const nowMs = () => Number(process.hrtime.bigint()) / 1e6;

/**
 * @param options.requests as many as the schedule has
 * @param options.connections opened in advance; more are opened when none is free
 */
export async function postOnSchedule({
  port,
  requests,
  schedule,
  connections,
}: {
  port: number;
  requests: readonly Buffer[];
  schedule: Schedule;
  connections: number;
}): Promise<OpenLoad> {
  const [answeredMs, lateMs] = [new Float64Array(schedule.count), new Float64Array(schedule.count)];
  const answers = new AnswerReader();
  const all: Connection[] = [];
  const free: Connection[] = [];
  /** numbers of requests that are due and have no connection yet */
  const waiting: number[] = [];
  let [accepted, refused, seen] = [0, 0, 0];
  const pacer = new Worker(new URL("pacer.js", import.meta.url), { workerData: schedule });
  const first: unknown[] = await once(pacer, "message");
  const startAtMs = Number(first[0]);
  const cpuBefore = process.cpuUsage();
  try {
    await new Promise<void>((resolve, reject) => {
      const open = () => {
        const connection = new Connection(port, answers, { onAnswer, onEnd: reject });
        all.push(connection);
        return connection;
      };
      const onAnswer = (connection: Connection, answer: Buffer) => {
        answeredMs[connection.index] = nowMs() - startAtMs;
        if (isOk(answer)) accepted += 1;
        else refused += 1;
        if (accepted + refused === schedule.count) resolve();
        const next = waiting.shift();
        if (next === undefined) free.push(connection);
        else send(next, connection);
      };
      const send = (index: number, connection: Connection) => {
        lateMs[index] = nowMs() - startAtMs - dueMs(schedule, index);
        connection.send(index, requests[index] ?? Buffer.alloc(0));
      };
      pacer.on("error", reject);
      pacer.on("message", (due: number) => {
        for (; seen < due; seen++) {
          // The connection that has been free for the longest time, so that the server closes none as idle.
          const connection = free.shift() ?? (all.length < CONNECTIONS_MAX ? open() : undefined);
          if (connection === undefined) waiting.push(seen);
          else send(seen, connection);
        }
      });
      for (let i = 0; i < connections; i++) free.push(open());
    });
  } finally {
    for (const connection of all) connection.close();
    await pacer.terminate();
  }
  const { user, system } = process.cpuUsage(cpuBefore);
  return {
    accepted,
    refused,
    cpuSeconds: (user + system) / 1e6,
    connectionsMost: all.length,
    latencies: latenciesFrom(schedule, answeredMs),
    startedLateP99: quantile(lateMs.sort(), 0.99),
  };
}

/** One request at a time. */
class Connection {
  index = -1;
  #socket;
  #early = Buffer.alloc(0);
  #isClosing = false;

  constructor(
    port: number,
    answers: AnswerReader,
    { onAnswer, onEnd }: { onAnswer: (connection: Connection, answer: Buffer) => void; onEnd: (error: Error) => void },
  ) {
    this.#socket = connect(port, "127.0.0.1");
    this.#socket.setNoDelay(true);
    this.#socket.on("error", onEnd);
    this.#socket.on("close", () => {
      if (!this.#isClosing) onEnd(new Error("the server closed a connection"));
    });
    this.#socket.on("data", (chunk) => {
      const answer = this.#early.length === 0 ? chunk : Buffer.concat([this.#early, chunk]);
      const isComplete = answers.isComplete(answer);
      this.#early = isComplete ? Buffer.alloc(0) : answer;
      if (isComplete) onAnswer(this, answer);
    });
  }

  send(index: number, request: Buffer) {
    this.index = index;
    this.#socket.write(request);
  }

  close() {
    this.#isClosing = true;
    this.#socket.destroy();
  }
}
