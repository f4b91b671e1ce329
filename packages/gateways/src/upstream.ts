import type { ChatKind, Direction, InstanceId, Upstream } from "@ticktally/core";
import type { PseudonymSource } from "./pseudonyms.ts";
import type { GatewaySetup } from "./setup.ts";

/** What the gateway's own API is asked. */
export interface UpstreamRequest {
  /** For people and logs: it holds no token. */
  readonly name: string;
  readonly method: "GET" | "DELETE" | "POST";
  /** Path and query below the upstream's address. It may hold a token. */
  readonly path: string;
  /** Sent as JSON. */
  readonly body?: object;
}

/** What an entry of a journal says of one message, as far as no vendor is needed to read it. */
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

/** Where some of a message's recipients stand, in the gateway's own words. */
export interface RecipientStatus {
  readonly chatIds: readonly string[];
  readonly status: string;
  /** Unix seconds */
  readonly at: number;
}

interface JournalRequest {
  readonly request: UpstreamRequest;
  /** Of the messages in it that do not say it themselves. */
  readonly direction: Direction;
}

interface EntryOptions {
  readonly direction?: Direction | undefined;
  /** `undefined`: chat ids are kept as they come. */
  readonly pseudonyms?: PseudonymSource | undefined;
}

/** The gateway's own API, as an adapter knows it. It says what to ask and reads what is answered; asking is for others. No method throws but the parsers. */
export interface GatewayUpstream {
  /** Statuses, beside 429, by which it says that it was asked too often. */
  readonly limitedBy: readonly number[];
  readonly journals: {
    /** One request for each journal; newest entries first. */
    requests(instance: InstanceId, upstream: Upstream, minutes: number): readonly JournalRequest[];
    /** An element of a journal, of which what is long may be left out. @throws {SyntaxError} it is not JSON */
    parse(text: string): unknown;
    /** @returns `undefined` for what is no message, or of no shape that is known */
    entryOf(element: unknown, options: EntryOptions): JournalEntry | undefined;
    /**
     * Webhooks, in the gateway's own shape, that report what an entry says.
     * @param knownAt of the message, Unix seconds; a message cannot be older than what is known of it
     */
    webhooksOf(instance: InstanceId, entry: JournalEntry, knownAt: number | undefined): readonly object[];
  };
  /** Where the recipients of one message stand, for those messages of which the gateway says it apart from its journals. */
  readonly recipients: {
    isAskedFor(entry: JournalEntry): boolean;
    request(instance: InstanceId, upstream: Upstream, entry: JournalEntry): UpstreamRequest;
    /** An element of the answer. @throws {SyntaxError} it is not JSON */
    statusOf(text: string): RecipientStatus | undefined;
    webhooksOf(instance: InstanceId, entry: JournalEntry, status: RecipientStatus): readonly object[];
  };
  readonly notifications: {
    receive(instance: InstanceId, upstream: Upstream, waitSeconds: number): UpstreamRequest;
    /** @throws {SyntaxError} it is not JSON */
    parse(text: string): unknown;
    /** @returns `nothing`: none waits; `undefined`: the answer cannot be read */
    read(answer: unknown): { readonly receipt: string; readonly body: unknown } | "nothing" | undefined;
    remove(instance: InstanceId, upstream: Upstream, receipt: string): UpstreamRequest;
    isRemoved(answer: unknown): boolean;
  };
  /** The gateway's own settings of an instance. */
  readonly setup: GatewaySetup;
}
