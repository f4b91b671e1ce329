import type { ChatKind, Direction, InstanceId, Upstream } from "@ticktally/core";
import type { PseudonymSource } from "./pseudonyms.ts";
import type { GatewaySetup } from "./setup.ts";

/** A request to the gateway's own API. */
export interface UpstreamRequest {
  /** For people and logs: it contains no token. */
  readonly name: string;
  readonly method: "GET" | "DELETE" | "POST";
  /** Path and query below the upstream's address. It may contain a token. */
  readonly path: string;
  /** Sent as JSON. */
  readonly body?: object;
}

/** The vendor-neutral part of a journal's entry about one message. */
export interface JournalEntry {
  readonly direction: Direction;
  readonly idMessage: string;
  /** As in events. */
  readonly chatId?: string;
  readonly chatKind?: ChatKind;
  readonly chatScoped?: true;
  /** Unix seconds */
  readonly at: number;
  /** The entry in the gateway's own shape, without content: JSON that `entryOf` reads again. */
  readonly kept: object;
}

/** Statuses of some of a message's recipients, in the gateway's own words. */
export interface RecipientStatus {
  readonly chatIds: readonly string[];
  readonly status: string;
  /** Unix seconds */
  readonly at: number;
}

interface JournalRequest {
  readonly request: UpstreamRequest;
  /** For messages that do not state it themselves. */
  readonly direction: Direction;
}

interface EntryOptions {
  readonly direction?: Direction | undefined;
  /** `undefined`: chat ids are stored unchanged. */
  readonly pseudonyms?: PseudonymSource | undefined;
}

/**
 * The gateway's own API, as an adapter knows it. It builds requests and reads answers; others send the requests. No method except the
 * parsers throws.
 */
export interface GatewayUpstream {
  /** Status codes besides 429 that mean too many requests. */
  readonly limitedBy: readonly number[];
  readonly journals: {
    /** One request per journal; newest entries first. */
    requests(instance: InstanceId, upstream: Upstream, minutes: number): readonly JournalRequest[];
    /** Parse an element of a journal; long parts may be left out. @throws {SyntaxError} if it is not JSON */
    parse(text: string): unknown;
    /** @returns `undefined` if it is not a message, or has an unknown shape */
    entryOf(element: unknown, options: EntryOptions): JournalEntry | undefined;
    /**
     * Webhooks in the gateway's own shape that report the content of an entry.
     * @param knownAt of the message, Unix seconds; a message cannot be newer than its first known event
     */
    webhooksOf(instance: InstanceId, entry: JournalEntry, knownAt: number | undefined): readonly object[];
  };
  /** Statuses of the recipients of one message, if the gateway reports them separately from its journals. */
  readonly recipients: {
    isAskedFor(entry: JournalEntry): boolean;
    request(instance: InstanceId, upstream: Upstream, entry: JournalEntry): UpstreamRequest;
    /** An element of the answer. @throws {SyntaxError} if it is not JSON */
    statusOf(text: string): RecipientStatus | undefined;
    webhooksOf(instance: InstanceId, entry: JournalEntry, status: RecipientStatus): readonly object[];
  };
  readonly notifications: {
    receive(instance: InstanceId, upstream: Upstream, waitSeconds: number): UpstreamRequest;
    /** @throws {SyntaxError} it is not JSON */
    parse(text: string): unknown;
    /** @returns `nothing` if none waits; `undefined` if the answer cannot be read */
    read(answer: unknown): { readonly receipt: string; readonly body: unknown } | "nothing" | undefined;
    remove(instance: InstanceId, upstream: Upstream, receipt: string): UpstreamRequest;
    isRemoved(answer: unknown): boolean;
  };
  /** The gateway's own settings of an instance. */
  readonly setup: GatewaySetup;
}
