import type { z } from "zod";

type Method = "get" | "post" | "put" | "patch" | "delete";

/** Groups of calls, and what they are for. */
export const TAGS = {
  Metrics: "Counts: in all, by time, of failures, of latencies.",
  Messages: "Single messages and lists of them.",
  Labels: "Names for sets of outgoing messages, such as a campaign's.",
  Events: "What happens, as it happens.",
  Instances: "Accounts at a gateway, their settings and tokens.",
  Quarantine: "Webhooks that were not understood.",
  Targets: "Where webhooks are forwarded to.",
  Tokens: "Read tokens, and the console's session.",
  Health: "All processes.",
  "GREEN-API": "What clients written for GREEN-API ask.",
  "This document": "The interface itself.",
  Webhooks: "Where gateways post.",
} as const satisfies Readonly<Record<string, string>>;
type Tag = keyof typeof TAGS;

/** One call of the REST interface, as the OpenAPI document tells of it. */
export interface Operation {
  readonly method: Method;
  /** With parameters in braces; those named in {@link PATH_PARAMETERS}. */
  readonly path: string;
  readonly tag: Tag;
  readonly summary: string;
  readonly description?: string;
  /** Who may call: the account, also read tokens, also the instance itself, the last without read tokens (`owner`), a token in the path or in the body, or anybody. */
  readonly for: "account" | "reader" | "instance" | "owner" | "path" | "body" | "anybody";
  readonly query?: z.ZodObject;
  readonly body?: z.ZodType;
  readonly answers: Readonly<Record<number, z.ZodType | "html" | "events">>;
  /** It is not in the document: another path for a call that is, whose description tells of it; a page; or the console's own. */
  readonly isLeftOut?: boolean;
  /** The answer can be had as CSV. */
  readonly isTable?: boolean;
  /** It can be asked for only if it has changed. */
  readonly hasEtag?: boolean;
}

/** What calls are refused with. The same shape each time, so it is written once for all of them. */
export const REFUSALS = {
  400: "The request is wrong; the message says what.",
  401: "The token is missing or invalid.",
  403: "The token is another instance's or only reads, or the call is for the account.",
  404: "Unknown instance, message, label, target, token or entry.",
  405: "Another method is meant.",
  409: "The id or name is taken, there are too many, or several messages have the id: `chats` names their chats.",
  413: "The body is too large.",
  415: "The body is not JSON, or its compression is unknown.",
  429: "Too many requests in this minute: see `Retry-After`.",
  503: "Redis is away, or many large queries wait: try again after `Retry-After` seconds.",
} as const;

/** Of ingest, with the codes it has for them. */
export const WEBHOOK_REFUSALS = {
  400: "The body is empty or no JSON; nothing was stored (`bad_request`, `empty_body`, `not_json`).",
  401: "The sender cannot be told by its token or signature, or belongs to another instance (`unauthorized`).",
  403: "`WEBHOOK_ALLOWED_IPS` does not have the address it comes from (`forbidden_address`).",
  404: "No gateway of this name is switched on (`not_found`).",
  413: "The body is larger than `INGEST_BODY_LIMIT` (`too_large`).",
  415: "The body is not JSON by its headers (`unsupported_media_type`).",
  429: "Too many wrong tokens came from this address (`too_many_wrong_tokens`): see `Retry-After`.",
  503: "It could not be stored now (`unavailable`, `overloaded`, `queue_full`): send it again after `Retry-After` seconds.",
} as const;

/** @param kind what the names of these answers begin with */
export function refusals(kind: "" | "Gateway" | "Webhook") {
  return {
    400: { $ref: `#/components/responses/${kind}400` },
    default: { $ref: `#/components/responses/${kind}Error` },
  };
}

export const PATH_PARAMETERS: Readonly<Record<string, string>> = {
  instances:
    "One name or id of an instance, several separated by commas (spaces are fine), or `all` that the token may read.",
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
