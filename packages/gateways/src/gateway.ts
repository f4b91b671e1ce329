import type { IncomingHttpHeaders } from "node:http";
import type { InstanceEvent, InstanceId, QuarantineReason } from "@ticktally/core";
import type { PseudonymSource } from "./pseudonyms.ts";
import type { GatewayUpstream } from "./upstream.ts";

/** Whose webhooks a sender may post: those of any instance of this gateway, or of one. */
export type Access = { readonly kind: "account" } | { readonly kind: "instance"; readonly instance: InstanceId };

/** A request before its body is read. */
export interface RequestHead {
  readonly method: string;
  /** Path and query as they were sent. */
  readonly url: string;
  readonly headers: IncomingHttpHeaders;
}

/** A complete answer to a request that is no webhook, such as a gateway's check of the address. */
export interface Answer {
  readonly status: number;
  readonly contentType: string;
  readonly body: string;
}

/** What an adapter may compare a request with. All comparisons take constant time. */
export interface GatewaySecrets {
  /** Who owns a webhook token: the account, an instance, or no one (`undefined`). Rejects while Redis cannot be asked. */
  readonly tokenOwner: (token: string) => Access | undefined | Promise<Access | undefined>;
  /** A setting by its name in the environment; `undefined` where it is not set. */
  readonly setting: (name: string) => string | undefined;
}

/** One thing that a webhook's body reports, of one instance at most. A body may hold many. */
export interface Part {
  /** `undefined`: it names no account, and registers none. */
  readonly instance: InstanceId | undefined;
  /** One of the adapter's `types`, or `other`, or `none`. */
  readonly type: string;
  /** Parsed JSON of any shape. */
  readonly body: unknown;
}

/** What a part turned out to be. `events` may be empty: a part that is rightly ignored. */
export type Understood =
  | { readonly kind: "events"; readonly instance: InstanceId; readonly events: readonly InstanceEvent[] }
  | { readonly kind: "nothing" };

export interface NotUnderstood {
  readonly kind: "rejected";
  readonly reason: QuarantineReason;
  /** For people; names fields, never what they hold. */
  readonly detail: string;
  readonly instance: InstanceId | undefined;
}

/**
 * What only a gateway's adapter knows: who sends, what a webhook's body holds, what it means in our words. No method throws,
 * whatever it is given, but `parse`. `describeGateway` holds each adapter to these laws, with any bytes and any JSON:
 * - what `withoutContent` gives of a part is JSON on one line of at most a few kB that holds no text, name, picture or secret, and
 *   `split(parse(it))` is exactly one part with the same instance, type and events: a worker reads it back from the queue;
 * - a part names the instance that its own bytes name, never another's;
 * - `split` gives 1 to 10,000 parts; what it cannot split is one part, so that nothing is lost silently;
 * - each of its examples gives the events it says.
 */
export interface Gateway {
  /** Path (`/webhooks/<name>`), metric label, tag of a queued line, and prefix of instance ids but GREEN-API's, which are bare digits. */
  readonly name: string;
  /** Environment variables that it needs; without all of them it is switched off, and its address answers 404. */
  readonly settings: readonly string[];
  /** Values of the label `type`, without `other` and `none`: a closed set. */
  readonly types: readonly string[];
  /** Answers a GET on the webhooks' address, where the gateway checks it that way. `undefined`: it is no such check (405). */
  handshake?(head: RequestHead, secrets: GatewaySecrets): Answer | undefined;
  /** Who posts, by headers alone. `after body`: `verify` decides. `undefined`: refused (401). */
  admit(
    head: RequestHead,
    secrets: GatewaySecrets,
  ): Access | "after body" | undefined | Promise<Access | "after body" | undefined>;
  /** For signatures over the bytes as they came; required where `admit` may say `after body`. */
  verify?(
    head: RequestHead,
    rawBody: Buffer,
    secrets: GatewaySecrets,
  ): Access | undefined | Promise<Access | undefined>;
  /** Parse a body so that ids survive; what is long keeps all that is counted and a few kB of the rest. @throws {SyntaxError} it is not JSON */
  parse(text: string): unknown;
  /** @param server from the path, where two servers of a gateway use the same ids */
  split(body: unknown, server?: string): readonly Part[];
  /** What is queued of a part. */
  withoutContent(part: Part, pseudonyms?: PseudonymSource): string;
  /** What a message is kept under where chats have pseudonyms and the gateway's ids hold a chat. The same given its own result. */
  keptId?(idMessage: string, pseudonyms: PseudonymSource): string;
  /** @param receivedAt Unix seconds */
  toEvents(part: Part, receivedAt: number): Understood | NotUnderstood;
  /** Whether the gateway holds an instance's feed back until a webhook is accepted, and sends one webhook of it at a time. */
  readonly holdsFeed: boolean;
  /** Headers that a relayed request must carry, such as signatures. */
  readonly relayedHeaders: readonly string[];
  /** The gateway's own API, where it can be asked: journals to reconcile with, notifications to pull. */
  readonly upstream?: GatewayUpstream;
}

/** No body has more parts; what follows them is one part that is not understood. */
export const PARTS_MAX = 10_000;
