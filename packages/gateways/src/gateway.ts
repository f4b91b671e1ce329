import type { IncomingHttpHeaders } from "node:http";
import type { InstanceEvent, InstanceId, QuarantineReason } from "@ticktally/core";
import type { PseudonymSource } from "./pseudonyms.ts";
import type { GatewayUpstream } from "./upstream.ts";

/** Which instances a sender may post webhooks for: any of this gateway, or one. */
export type Access = { readonly kind: "account" } | { readonly kind: "instance"; readonly instance: InstanceId };

/** A request before its body is read. */
export interface RequestHead {
  readonly method: string;
  /** Path and query as they were sent. */
  readonly url: string;
  readonly headers: IncomingHttpHeaders;
}

/** A complete answer to a request that is not a webhook, such as a gateway's check of the address. */
export interface Answer {
  readonly status: number;
  readonly contentType: string;
  readonly body: string;
}

/** The secrets that an adapter may compare a request with. All comparisons take constant time. */
export interface GatewaySecrets {
  /** The owner of a webhook token: the account, an instance, or none (`undefined`). Rejects while Redis is unreachable. */
  readonly tokenOwner: (token: string) => Access | undefined | Promise<Access | undefined>;
  /** A setting by its name in the environment; `undefined` if it is not set. */
  readonly setting: (name: string) => string | undefined;
}

/** One thing that a webhook's body reports, about at most one instance. A body may contain many. */
export interface Part {
  /** `undefined`: it names no account and registers none. */
  readonly instance: InstanceId | undefined;
  /** One of the adapter's `types`, or `other`, or `none`. */
  readonly type: string;
  /** Parsed JSON of any shape. */
  readonly body: unknown;
}

/** The meaning of a part. `events` may be empty for a part that is ignored on purpose. */
export type Understood =
  | { readonly kind: "events"; readonly instance: InstanceId; readonly events: readonly InstanceEvent[] }
  | { readonly kind: "nothing" };

export interface NotUnderstood {
  readonly kind: "rejected";
  readonly reason: QuarantineReason;
  /** For people; names fields, never their values. */
  readonly detail: string;
  readonly instance: InstanceId | undefined;
}

/**
 * What only a gateway's adapter knows: who sends, what a webhook's body contains, and what it means in our terms. No method except `parse`
 * throws, whatever its input. `describeGateway` tests these laws for each adapter, with any bytes and any JSON:
 * - `withoutContent` turns a part into JSON on one line of at most a few kB, without texts, names, pictures or secrets, and
 *   `split(parse(it))` is exactly one part with the same instance, type and events: a worker reads it back from the queue;
 * - a part names the instance that its own bytes name, never another;
 * - `split` returns 1 to 10,000 parts; what it cannot split is one part, so nothing is lost silently;
 * - each of its examples gives the stated events.
 */
export interface Gateway {
  /**
   * Path (`/webhooks/<name>`), metric label, tag of a queued line, and prefix of instance ids (except GREEN-API's, which are only digits).
   */
  readonly name: string;
  /** Environment variables that it needs. Unless all are set it is off, and its address answers 404. */
  readonly settings: readonly string[];
  /** Values of the label `type`, without `other` and `none`: a closed set. */
  readonly types: readonly string[];
  /** Answers a GET on the webhook address, for gateways that verify it that way. `undefined`: not such a check (405). */
  handshake?(head: RequestHead, secrets: GatewaySecrets): Answer | undefined;
  /** Authenticate the sender by headers alone. `after body`: `verify` decides. `undefined`: refused (401). */
  admit(
    head: RequestHead,
    secrets: GatewaySecrets,
  ): Access | "after body" | undefined | Promise<Access | "after body" | undefined>;
  /** For signatures over the raw bytes; required if `admit` may return `after body`. */
  verify?(
    head: RequestHead,
    rawBody: Buffer,
    secrets: GatewaySecrets,
  ): Access | undefined | Promise<Access | undefined>;
  /**
   * Parse a body without rounding large ids. A long body keeps everything that is counted and a few kB of the rest.
   * @throws {SyntaxError} if it is not JSON
   */
  parse(text: string): unknown;
  /** @param server from the path, if several servers of a gateway use the same ids */
  split(body: unknown, server?: string): readonly Part[];
  /** The form of a part that is queued. */
  withoutContent(part: Part, pseudonyms?: PseudonymSource): string;
  /** The id a message is stored under if chats have pseudonyms and the gateway's ids contain a chat. Idempotent. */
  keptId?(idMessage: string, pseudonyms: PseudonymSource): string;
  /** @param receivedAt Unix seconds */
  toEvents(part: Part, receivedAt: number): Understood | NotUnderstood;
  /** Whether the gateway sends one webhook of an instance at a time and holds back the rest until it is accepted. */
  readonly holdsFeed: boolean;
  /** Headers that a relayed request must carry, such as signatures. */
  readonly relayedHeaders: readonly string[];
  /** The gateway's own API, if it has one: journals to reconcile with, notifications to pull. */
  readonly upstream?: GatewayUpstream;
}

/** Maximum parts of a body; everything after them is one part that is not understood. */
export const PARTS_MAX = 10_000;
