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
  "GREEN-API's shapes": "What clients written for GREEN-API ask.",
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
  /** The answer can be had as CSV. */
  readonly isTable?: boolean;
  /** It can be asked for only if it has changed. */
  readonly hasEtag?: boolean;
  /** Refusals beyond those that every call can meet. */
  readonly refusals?: readonly Refusal[];
}

export type Refusal = 400 | 401 | 403 | 404 | 405 | 409 | 413 | 415 | 429 | 503;

export const REFUSALS: Readonly<Record<Refusal, string>> = {
  400: "Something in the request is wrong; the message says what.",
  401: "The token is missing or invalid.",
  403: "The token is another instance's or only reads, or the call is for the account.",
  404: "Unknown instance, message, label, target, token or entry.",
  405: "Another method is meant.",
  409: "The id or name is taken, there are too many, or the id is that of messages in several chats, which `chats` names.",
  413: "The body is too large.",
  415: "The body is not JSON, or compressed in a way that is not known here.",
  429: "Too many requests in this minute; `Retry-After` says when to go on.",
  503: "Redis is away, or many large queries wait; nothing is lost, try again after `Retry-After` seconds.",
};

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
