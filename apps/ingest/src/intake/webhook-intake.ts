import type { IncomingMessage, ServerResponse } from "node:http";
import { setImmediate as nextTurn } from "node:timers/promises";
import { shardOf } from "@ticktally/core";
import type { Access, Gateway, Part } from "@ticktally/gateways";
import { requestIdOf } from "@ticktally/telemetry";
import { ANSWERS, answerOf, refusalOf, send, tooManyFailedLogins, type Answer } from "./answers.ts";
import { BatchLog } from "./batch-log.ts";
import type { GroupCommit } from "./group-commit.ts";
import type { IngestOutcome } from "../ingest-metrics.ts";
import type { IntakeOptions } from "./intake-options.ts";
import { isPlainJson } from "./plain-json.ts";
import { LongBodies } from "./long-bodies.ts";
import { NOT_JSON, parsed } from "./parsed-body.ts";
import { lineOf, linesInSlices, type LineOptions } from "./part-lines.ts";
import { BodyRoom, discardBody, readBody } from "./read-body.ts";
import { shardCommit } from "./shard-commit.ts";
import { headOf, type Posted, type Waiter } from "./waiter.ts";

/** Batches that may wait in memory while one is being stored: about a second's worth under load. */
const BATCHES_WAITING_MAX = 20;

/** Limit for all lines that are not stored yet, over all shards. */
const WAITING_CHARS_MAX = 32 * 1024 * 1024;
/** A waiting request costs more than its lines: request, response and socket, and each parsed part. */
const WAITER_CHARS = 1_024;
const PART_CHARS = 512;
/** Shorter bodies have so few parts that they are processed at once. */
const LONG_BYTES = 64 * 1024;
/** Limit for bodies that are being read; the text of one more is not included. */
const BODIES_BYTES_MAX = 64 * 1024 * 1024;

/**
 * Handles what a gateway posts: authenticates the sender, checks that it is JSON, puts each part into the batch of its shard, and answers
 * 200 once every such batch is stored. Whether it makes sense is for the worker to decide, because anything but 200 makes the gateway hold
 * back the instance's whole feed.
 */
export class WebhookIntake {
  readonly #options: IntakeOptions;
  readonly #commits: readonly GroupCommit<Waiter>[];
  readonly #log: BatchLog;
  readonly #room: BodyRoom;
  readonly #longBodies = new LongBodies();
  readonly #waitingCharsMax: number;
  #waitingChars = 0;
  #isDraining = false;

  constructor(options: IntakeOptions) {
    this.#options = options;
    this.#log = new BatchLog(options.logger, options.now);
    this.#room = new BodyRoom(Math.max(BODIES_BYTES_MAX, 4 * options.bodyBytesMax));
    this.#waitingCharsMax = Math.max(WAITING_CHARS_MAX, 4 * options.bodyBytesMax);
    this.#commits = Array.from({ length: options.queue.shards }, (_, shard) =>
      shardCommit(shard, options, this.#log, (waiters, error) => {
        this.#settle(waiters, error);
      }),
    );
  }

  /** @param server the part of the path after the gateway's name */
  take(gateway: Gateway, server: string | undefined, req: IncomingMessage, res: ServerResponse): void {
    const { metrics, sources, secrets } = this.#options;
    const posted = { gateway, server, tallies: metrics.of(gateway), req, res, startedAt: performance.now() };
    if (!sources.allow(req)) {
      this.#refuse(posted, "forbidden_address", ANSWERS.forbiddenAddress);
      return;
    }
    if (!isPlainJson(req)) {
      this.#refuse(posted, "wrong_content_type", ANSWERS.wrongContentType);
      return;
    }
    if (this.#options.forwarding.isOwn(req.headers)) {
      this.#refuse(posted, "loop", ANSWERS.loop);
      return;
    }
    this.#whenKnown(posted, gateway.admit(headOf(req), secrets), (access) => {
      if (access === undefined) this.#refuseStranger(posted);
      else this.#read(posted, access);
    });
  }

  /** A gateway's verification of the address. */
  check(gateway: Gateway, req: IncomingMessage, res: ServerResponse): void {
    const { metrics, sources, secrets } = this.#options;
    const posted = { gateway, server: undefined, tallies: metrics.of(gateway), req, res, startedAt: 0 };
    if (!sources.allow(req)) {
      this.#refuse(posted, "forbidden_address", ANSWERS.forbiddenAddress);
      return;
    }
    const answer = gateway.handshake?.(headOf(req), secrets);
    if (answer === undefined) send(res, ANSWERS.wrongMethod, this.#isDraining);
    else if (answer.status === 401 || answer.status === 403) this.#refuseStranger(posted, answerOf(answer));
    else send(res, answerOf(answer), this.#isDraining);
  }

  /** From now on every answer closes its connection. */
  drain(): void {
    this.#isDraining = true;
  }

  /** Resolves when everything accepted so far is answered. */
  async idle(): Promise<void> {
    await Promise.all(this.#commits.map(async (commit) => commit.idle()));
  }

  /** Most results are available without waiting, which is the hot path. */
  #whenKnown<Known>(posted: Posted, known: Known | Promise<Known>, then: (known: Known) => void): void {
    if (known instanceof Promise)
      known.then(then).catch(() => {
        this.#refuse(posted, "unavailable", ANSWERS.unavailable);
      });
    else then(known);
  }

  #read(posted: Posted, access: Access | "after body"): void {
    const { req, tallies } = posted;
    readBody(req, { bytesMax: this.#options.bodyBytesMax, room: this.#room }, (body) => {
      if (body.kind === "read" && body.bytes.length > LONG_BYTES) this.#takeLong(posted, access, body.bytes);
      else if (body.kind === "read") this.#verify(posted, access, body.bytes);
      else if (body.kind === "tooLarge") this.#refuse(posted, "too_large", ANSWERS.tooLarge);
      else if (body.kind === "overloaded") this.#refuse(posted, "unavailable", ANSWERS.overloaded);
      else tallies.received("aborted");
    });
  }

  #verify(posted: Posted, access: Access | "after body", bytes: Buffer): void {
    if (access !== "after body") {
      this.#takeBody(posted, access, bytes);
      return;
    }
    const verified = posted.gateway.verify?.(headOf(posted.req), bytes, this.#options.secrets);
    this.#whenKnown(posted, verified, (sender) => {
      if (sender === undefined) this.#refuseStranger(posted);
      else this.#takeBody(posted, sender, bytes);
    });
  }

  #takeBody(posted: Posted, access: Access, bytes: Buffer): void {
    const body = this.#parsed(posted, bytes);
    const own = ownerOf(access);
    const parts = body === NOT_JSON ? undefined : this.#admittedParts(posted, own, body);
    if (parts === undefined) return;
    const options = this.#lineOptions(posted, own);
    const lines = parts.map((part) => lineOf(part, options));
    this.#add(posted, parts, lines, options, bytes);
  }

  #takeLong(posted: Posted, access: Access | "after body", bytes: Buffer): void {
    // Half of the room is reserved for typical webhooks, however many long ones arrive.
    if (this.#waitingChars >= this.#waitingCharsMax / 2) {
      this.#refuse(posted, "unavailable", ANSWERS.overloaded);
      return;
    }
    this.#waitingChars += bytes.length;
    const taken = this.#longBodies.next(async () => this.#takeInSlices(posted, access, bytes));
    taken
      .catch(() => {
        this.#refuse(posted, "unavailable", ANSWERS.unavailable);
      })
      .finally(() => (this.#waitingChars -= bytes.length));
  }

  /** A body that may have thousands of parts is processed in slices, so other senders get their turn in between. */
  async #takeInSlices(posted: Posted, access: Access | "after body", bytes: Buffer): Promise<void> {
    const { gateway, req } = posted;
    const sender = access === "after body" ? await gateway.verify?.(headOf(req), bytes, this.#options.secrets) : access;
    if (sender === undefined) {
      this.#refuseStranger(posted);
      return;
    }
    const own = ownerOf(sender);
    await nextTurn();
    const body = this.#parsed(posted, bytes);
    await nextTurn();
    const parts = body === NOT_JSON ? undefined : this.#admittedParts(posted, own, body);
    if (parts === undefined) return;
    await nextTurn();
    const options = this.#lineOptions(posted, own);
    const lines = await linesInSlices(parts, options);
    // Other requests arrived meanwhile.
    if (this.#hasRoom(posted, own, parts)) this.#add(posted, parts, lines, options, bytes);
  }

  /** @returns `NOT_JSON` if the request is refused */
  #parsed(posted: Posted, bytes: Buffer): unknown {
    const text = bytes.toString("utf8");
    const body = parsed(posted.gateway, text);
    if (body === NOT_JSON) this.#refuse(posted, "not_json", text.trim() === "" ? ANSWERS.empty : ANSWERS.notJson);
    return body;
  }

  /** @returns `undefined` if the request is refused */
  #admittedParts(posted: Posted, own: string | undefined, body: unknown): readonly Part[] | undefined {
    const parts = posted.gateway.split(body, posted.server);
    if (own !== undefined && parts.some(({ instance }) => instance !== undefined && instance !== own)) {
      this.#refuse(posted, "unauthorized", ANSWERS.otherInstance);
      return undefined;
    }
    return this.#hasRoom(posted, own, parts) ? parts : undefined;
  }

  /** @returns `false` if the request is refused */
  #hasRoom(posted: Posted, own: string | undefined, parts: readonly Part[]): boolean {
    if (!parts.some((part) => this.#isFull(this.#commitOf(part, own)))) return true;
    this.#refuse(posted, "unavailable", ANSWERS.overloaded);
    return false;
  }

  #lineOptions({ gateway }: Posted, own: string | undefined): LineOptions {
    const { pseudonyms, now } = this.#options;
    return { gateway, own, pseudonyms, receivedAtMs: now() };
  }

  #add(
    posted: Posted,
    parts: readonly Part[],
    lines: readonly string[],
    { own, receivedAtMs }: LineOptions,
    given: Buffer,
  ): void {
    const { tracing, forwarding } = this.#options;
    const bytes = forwarding.keep(given);
    if (bytes === "full") {
      this.#refuse(posted, "unavailable", ANSWERS.overloaded);
      return;
    }
    const { gateway, req, startedAt } = posted;
    // Parts of a long body are substrings of its text, which stays in memory as long as they do.
    const text = given.length > LONG_BYTES ? given.length : 0;
    const chars = lines.reduce((sum, line) => sum + line.length + PART_CHARS, WAITER_CHARS + text);
    const waiter: Waiter = {
      posted,
      left: lines.length,
      error: undefined,
      chars,
      types: parts.map(({ type }) => type),
      requestId: requestIdOf(req.headers["x-request-id"]),
      trace: tracing.request(`POST /webhooks/${gateway.name}`, req.headers, startedAt),
      forwarded: { gateway, parts, own, headers: req.headers, receivedAtMs, bytes },
      isForwarded: false,
    };
    this.#waitingChars += chars;
    parts.forEach((part, place) => {
      const line = lines[place];
      if (line !== undefined) this.#commitOf(part, own)?.add(line, receivedAtMs, waiter);
    });
  }

  #commitOf({ instance }: Part, own: string | undefined): GroupCommit<Waiter> | undefined {
    return this.#commits[shardOf(instance ?? own, this.#commits.length)];
  }

  #isFull(commit: GroupCommit<Waiter> | undefined): boolean {
    const isShardFull = commit === undefined || commit.waiting >= BATCHES_WAITING_MAX * this.#options.batchMax;
    return isShardFull || this.#waitingChars >= this.#waitingCharsMax;
  }

  #refuseStranger(posted: Posted, answer: Answer = ANSWERS.unauthorized): void {
    const waitSeconds = this.#options.failedLogins.count(this.#options.senderAddress(posted.req));
    this.#refuse(posted, "unauthorized", waitSeconds === undefined ? answer : tooManyFailedLogins(waitSeconds));
  }

  #refuse({ tallies, req, res }: Posted, outcome: IngestOutcome, answer: Answer): void {
    tallies.received(outcome);
    send(res, answer, this.#isDraining);
    this.#log.webhookRefused(outcome, answer.status, requestIdOf(req.headers["x-request-id"]));
    discardBody(req, 2 * this.#options.bodyBytesMax);
  }

  #settle(waiters: readonly Waiter[], error: unknown): void {
    const finishedAt = performance.now();
    for (const waiter of waiters) {
      waiter.error ??= error;
      waiter.left -= 1;
      if (waiter.left === 0) this.#answer(waiter, finishedAt);
    }
  }

  #answer({ posted, types, chars, error, trace, forwarded }: Waiter, finishedAt: number): void {
    const { res, tallies, startedAt } = posted;
    this.#waitingChars -= chars;
    this.#options.forwarding.release(forwarded.bytes);
    const answer = error === undefined ? ANSWERS.accepted : refusalOf(error);
    send(res, answer, this.#isDraining);
    trace?.end(answer.status);
    for (const type of types) tallies.received(error === undefined ? "accepted" : "unavailable", type);
    if (error === undefined) this.#options.metrics.ackSeconds.observe((finishedAt - startedAt) / 1000);
  }
}

/** The instance whose token the sender has; `undefined` for the account. */
function ownerOf(access: Access): string | undefined {
  return access.kind === "instance" ? access.instance : undefined;
}
