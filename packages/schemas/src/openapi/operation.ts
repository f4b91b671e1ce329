import type { z } from "zod";

type Method = "get" | "post" | "put" | "patch" | "delete";

/** Groups of calls, and their purpose. */
export const TAGS = {
  Metrics: "Counts: totals, by time, failures, latencies.",
  Messages: "Single messages and lists of them.",
  Labels: "Words of your own on outgoing messages, such as the name of a campaign.",
  Events: "A live stream of what happens.",
  Instances: "Accounts at a gateway, their settings and tokens.",
  Quarantine: "Webhooks that could not be understood.",
  Targets: "Where webhooks are forwarded to.",
  Tokens: "Read tokens, and the console's session.",
  Health: "All processes.",
  "GREEN-API": "Calls of clients written for GREEN-API.",
  "This document": "The interface itself.",
  Webhooks: "The endpoint that gateways post to.",
} as const satisfies Readonly<Record<string, string>>;
type Tag = keyof typeof TAGS;

/** One call of the REST interface, as the OpenAPI document describes it. */
export interface Operation {
  readonly method: Method;
  /** With parameters in braces; those named in {@link PATH_PARAMETERS}. */
  readonly path: string;
  readonly tag: Tag;
  readonly summary: string;
  readonly description?: string;
  /**
   * Who may call: the account, also read tokens, also the instance itself, the last without read tokens (`owner`), a token in the path or
   * in the body, or anyone.
   */
  readonly for: "account" | "reader" | "instance" | "owner" | "path" | "body" | "anybody";
  readonly query?: z.ZodObject;
  readonly body?: z.ZodType;
  readonly answers: Readonly<Record<number, z.ZodType | "html" | "events">>;
  /** Left out of the document: an alias of a call that mentions it; a page; or a call only for the console. */
  readonly isLeftOut?: boolean;
  /** The answer is also available as CSV. */
  readonly isTable?: boolean;
  /** Conditional requests are possible. */
  readonly hasEtag?: boolean;
}

/** The error answers. All have the same shape, so it is written once. */
export const REFUSALS = {
  400: "The request is invalid; the message says why.",
  401: "The token is missing or invalid.",
  403: "The token belongs to another instance or may only read, or the call is for the account only.",
  404: "Unknown instance, message, label, target, token or entry.",
  405: "The path has no such method.",
  409: "The id or name is taken, there are too many, or several messages have the id: `chats` names their chats.",
  413: "The body is too large.",
  415: "The body is not JSON, or its compression is unknown.",
  429: "Too many requests in this minute: see `Retry-After`.",
  503: "Redis is unreachable, or too many large queries wait: try again after `Retry-After` seconds.",
} as const;

/** Error answers of ingest, with their codes. */
export const WEBHOOK_REFUSALS = {
  400: "The body is empty or not JSON; nothing was stored (`bad_request`, `empty_body`, `not_json`).",
  401: "The token or signature is missing or wrong, or belongs to another instance (`unauthorized`).",
  403: "The sender's address is not in `WEBHOOK_ALLOWED_IPS` (`forbidden_address`).",
  404: "No gateway of this name is enabled (`not_found`).",
  413: "The body is larger than `INGEST_BODY_LIMIT` (`too_large`).",
  415: "The headers do not declare a JSON body (`unsupported_media_type`).",
  429: "Too many requests with a wrong token came from this address (`too_many_wrong_tokens`): see `Retry-After`.",
  503: "The webhook could not be stored now (`unavailable`, `overloaded`, `queue_full`): send it again after `Retry-After` seconds.",
} as const;

/** @param kind prefix of the names of these answers */
export function refusals(kind: "" | "Gateway" | "Webhook") {
  return {
    400: { $ref: `#/components/responses/${kind}400` },
    default: { $ref: `#/components/responses/${kind}Error` },
  };
}

export const PATH_PARAMETERS: Readonly<Record<string, string>> = {
  instances:
    "A name or id of an instance, several separated by commas (spaces are allowed), or `all` for all that the token may read.",
  instance: "Name or id of an instance.",
  name: "Name or id of an instance.",
  chatId: "A chat's id (`79001234567@c.us`), a bare phone number, or a pseudonym.",
  idMessage: "The gateway's id of the message.",
  label: "A label: 1 to 64 printable characters, percent-encoded.",
  target: "Name of a target.",
  id: "The id of the entry, token or dead letter.",
  idInstance: "The gateway's id of the instance.",
  apiTokenInstance: "The instance's token, or the account's.",
};
