import type { IncomingMessage, ServerResponse } from "node:http";
import { QueueFullError, shardOf, type WebhookQueue } from "@ticktally/core";
import { parseWebhookText, webhookInstance, webhookLine, withoutContent, type Pseudonyms } from "@ticktally/schemas";
import { requestIdOf, type Logger, type RequestTrace, type Tracing } from "@ticktally/telemetry";
import { ANSWERS, send, tooManyGuesses, type Answer } from "./answers.ts";
import { BatchLog } from "./batch-log.ts";
import { collecting } from "./collecting.ts";
import { GroupCommit } from "./group-commit.ts";
import { typeLabel, type IngestMetrics, type IngestOutcome, type TypeLabel } from "./ingest-metrics.ts";
import type { GuessLimit } from "./guess-limit.ts";
import { QueueDepth } from "./queue-depth.ts";
import { BodyRoom, discardBody, readBody } from "./read-body.ts";
import type { SenderAddress } from "./sender-address.ts";
import type { Access, WebhookAccess } from "./webhook-access.ts";
import type { WebhookSources } from "./webhook-sources.ts";

export interface IntakeOptions {
  readonly queue: WebhookQueue;
  readonly access: WebhookAccess;
  readonly sources: WebhookSources;
  readonly senderAddress: SenderAddress;
  readonly guesses: GuessLimit;
  readonly metrics: IngestMetrics;
  readonly logger: Logger;
  readonly tracing: Tracing;
  readonly bodyBytesMax: number;
  readonly batchMax: number;
  readonly storeTimeoutMs: number;
  readonly queueJobsMax: number;
  /** `undefined`: chat ids are kept as they come. */
  readonly pseudonyms?: Pseudonyms | undefined;
  /** Unix ms */
  readonly now: () => number;
}

/** Batches that may wait in memory for the one that is being stored: about a second's worth when all is busy. */
const BATCHES_WAITING_MAX = 20;

/** A thousand usual webhooks; a worker reads 32 such jobs at once, and needs some 5 MB for each. */
const BATCH_CHARS_MAX = 512 * 1024;
/** Of all lines that are not stored yet, in every shard. */
const WAITING_CHARS_MAX = 32 * 1024 * 1024;
/** What waits costs more than its line: request, response and socket. */
const WAITER_CHARS = 1_024;
/** Of bodies that are being read; a text of one more comes on top. */
const BODIES_BYTES_MAX = 64 * 1024 * 1024;

/** One webhook on its way, from its request to its answer. */
interface Waiter {
  readonly res: ServerResponse;
  /** Of its line, and what it costs besides. */
  readonly chars: number;
  readonly type: TypeLabel;
  readonly startedAt: number;
  /** As its sender named the request, if it did. */
  readonly requestId: string | undefined;
  readonly trace: RequestTrace | undefined;
}

/**
 * Takes one webhook: who sends it, is it JSON, into the batch of its shard, and 200 once that batch is stored. Whether it
 * makes sense is for the worker to say: to the gateway anything but 200 means "hold this instance's whole feed back".
 */
export class WebhookIntake {
  readonly #options: IntakeOptions;
  readonly #commits: readonly GroupCommit<Waiter>[];
  readonly #log: BatchLog;
  readonly #room: BodyRoom;
  #waitingChars = 0;
  #isDraining = false;

  constructor(options: IntakeOptions) {
    this.#options = options;
    this.#log = new BatchLog(options.logger, options.now);
    this.#room = new BodyRoom(Math.max(BODIES_BYTES_MAX, 4 * options.bodyBytesMax));
    this.#commits = Array.from({ length: options.queue.shards }, (_, shard) => this.#groupCommit(shard));
  }

  take(req: IncomingMessage, res: ServerResponse): void {
    const startedAt = performance.now();
    if (!this.#options.sources.allow(req)) {
      this.#refuse(req, res, "forbidden_address", ANSWERS.forbiddenAddress);
      return;
    }
    if (!isPlainJson(req)) {
      this.#refuse(req, res, "wrong_content_type", ANSWERS.wrongContentType);
      return;
    }
    const access = this.#options.access.of(req.headers.authorization);
    if (access instanceof Promise) {
      access.then(
        (found) => {
          this.#takeAs(found, req, res, startedAt);
        },
        () => {
          this.#refuse(req, res, "unavailable", ANSWERS.unavailable);
        },
      );
    } else {
      this.#takeAs(access, req, res, startedAt);
    }
  }

  /** From now on every answer closes its connection. */
  drain(): void {
    this.#isDraining = true;
  }

  /** Resolves when everything taken so far is answered. */
  async idle(): Promise<void> {
    await Promise.all(this.#commits.map(async (commit) => commit.idle()));
  }

  #takeAs(access: Access | undefined, req: IncomingMessage, res: ServerResponse, startedAt: number): void {
    if (access === undefined) {
      const waitSeconds = this.#options.guesses.count(this.#options.senderAddress(req));
      const answer = waitSeconds === undefined ? ANSWERS.unauthorized : tooManyGuesses(waitSeconds);
      this.#refuse(req, res, "unauthorized", answer);
      return;
    }
    readBody(req, { bytesMax: this.#options.bodyBytesMax, room: this.#room }, (body) => {
      if (body.kind === "read") this.#takeText(body.text, access, req, res, startedAt);
      else if (body.kind === "tooLarge") this.#refuse(req, res, "too_large", ANSWERS.tooLarge);
      else if (body.kind === "overloaded") this.#refuse(req, res, "unavailable", ANSWERS.overloaded);
      else this.#options.metrics.received("aborted");
    });
  }

  #takeText(text: string, access: Access, req: IncomingMessage, res: ServerResponse, startedAt: number): void {
    const body = parsed(text);
    if (body === NOT_JSON) {
      this.#refuse(req, res, "not_json", text.trim() === "" ? ANSWERS.empty : ANSWERS.notJson);
      return;
    }
    const instance = webhookInstance(body);
    if (access.kind === "instance" && instance !== undefined && instance !== access.instance) {
      this.#refuse(req, res, "unauthorized", ANSWERS.otherInstance);
      return;
    }
    const sender = access.kind === "instance" && instance === undefined ? access.instance : undefined;
    const commit = this.#commits[shardOf(instance ?? sender, this.#commits.length)];
    if (commit === undefined || this.#isFull(commit)) {
      this.#refuse(req, res, "unavailable", ANSWERS.overloaded);
      return;
    }
    const receivedAtMs = this.#options.now();
    const requestId = requestIdOf(req.headers["x-request-id"]);
    const trace = this.#options.tracing.request("POST /webhooks/green-api", req.headers, startedAt);
    const kept = withoutContent(text, body, this.#options.pseudonyms);
    const line = webhookLine({ receivedAtMs, text: kept, ...(sender === undefined ? {} : { sender }) });
    const chars = line.length + WAITER_CHARS;
    this.#waitingChars += chars;
    commit.add(line, receivedAtMs, { res, chars, type: typeLabel(body), startedAt, requestId, trace });
  }

  #isFull(commit: GroupCommit<Waiter>): boolean {
    const isShardFull = commit.waiting >= BATCHES_WAITING_MAX * this.#options.batchMax;
    return isShardFull || this.#waitingChars >= WAITING_CHARS_MAX;
  }

  #refuse(req: IncomingMessage, res: ServerResponse, outcome: IngestOutcome, answer: Answer): void {
    this.#options.metrics.received(outcome);
    send(res, answer, this.#isDraining);
    this.#log.webhookRefused(outcome, answer.status, requestIdOf(req.headers["x-request-id"]));
    discardBody(req, 2 * this.#options.bodyBytesMax);
  }

  #groupCommit(shard: number): GroupCommit<Waiter> {
    const { queue, batchMax, queueJobsMax, storeTimeoutMs, metrics, tracing, now } = this.#options;
    const depth = new QueueDepth(queue, shard, queueJobsMax, now);
    const put = async (lines: readonly string[], receivedAtMs: number) => {
      metrics.batchSize.observe(lines.length);
      await depth.takePlace();
      return queue.put(shard, lines, receivedAtMs);
    };
    const store = async (lines: readonly string[], receivedAtMs: number, waiters: readonly Waiter[]) => {
      const traces = waiters.map(({ trace }) => trace);
      const stored = tracing.together("store batch", traces, { shard, webhooks: lines.length }, async () =>
        put(lines, receivedAtMs),
      );
      await this.#log.told(shard, waiters, withDeadline(stored, storeTimeoutMs));
    };
    return new GroupCommit<Waiter>({
      batchMax,
      batchCharsMax: BATCH_CHARS_MAX,
      collecting: (batch) => collecting(batch, depth.isBehind),
      store,
      settle: (waiters, error) => {
        this.#settle(waiters, error);
      },
    });
  }

  #settle(waiters: readonly Waiter[], error: unknown): void {
    const { metrics } = this.#options;
    for (const { chars } of waiters) this.#waitingChars -= chars;
    if (error === undefined) {
      const finishedAt = performance.now();
      for (const { res, type, startedAt, trace } of waiters) {
        send(res, ANSWERS.accepted, this.#isDraining);
        trace?.end(ANSWERS.accepted.status);
        metrics.received("accepted", type);
        metrics.ackSeconds.observe((finishedAt - startedAt) / 1000);
      }
      return;
    }
    const answer = error instanceof QueueFullError ? ANSWERS.queueFull : ANSWERS.unavailable;
    for (const { res, type, trace } of waiters) {
      send(res, answer, this.#isDraining);
      trace?.end(answer.status);
      metrics.received("unavailable", type);
    }
  }
}

const NOT_JSON = Symbol("not JSON");

function parsed(text: string): unknown {
  try {
    return parseWebhookText(text);
  } catch {
    return NOT_JSON;
  }
}

/** A missing type is let through: it must not hold a feed back that is JSON all the same. */
function isPlainJson({ headers }: IncomingMessage): boolean {
  const type = headers["content-type"];
  const encoding = headers["content-encoding"];
  return (type === undefined || JSON_TYPE.test(type)) && (encoding === undefined || encoding === "identity");
}

const JSON_TYPE = /^\s*application\/(?:[\w.+-]+\+)?json\s*(?:;|$)/i;

async function withDeadline<Result>(work: Promise<Result>, timeoutMs: number): Promise<Result> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => {
      reject(new Error(`storing took longer than ${String(timeoutMs)} ms`));
    }, timeoutMs);
  });
  try {
    return await Promise.race([work, late]);
  } finally {
    clearTimeout(timer);
  }
}
