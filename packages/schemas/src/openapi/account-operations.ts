import { newReadToken, newSession, readTokenCreatedAnswer, readTokensAnswer, sessionAnswer } from "../rest/access.ts";
import { healthAnswer } from "../rest/health.ts";
import { doneAnswer } from "../rest/instance-answers.ts";
import { eventsQuery } from "../rest/events.ts";
import type { Operation } from "./operation.ts";

/** Access, health and events: read tokens, sessions of the console, `/health` and `/events`. */
export const ACCOUNT_OPERATIONS: readonly Operation[] = [
  {
    method: "get",
    path: "/tokens",
    tag: "Tokens",
    summary: "List read tokens",
    for: "reader",
    answers: { 200: readTokensAnswer },
  },
  {
    method: "post",
    path: "/tokens",
    tag: "Tokens",
    summary: "Create a read token",
    description: "It can read everything and change nothing. Shown only here.",
    for: "account",
    body: newReadToken,
    answers: { 201: readTokenCreatedAnswer },
  },
  {
    method: "delete",
    path: "/tokens/{id}",
    tag: "Tokens",
    summary: "Revoke a read token",
    for: "account",
    answers: { 200: doneAnswer },
  },
  {
    method: "post",
    path: "/session",
    isLeftOut: true,
    tag: "Tokens",
    summary: "Sign in to the console",
    description:
      "Exchanges a token for a cookie that scripts cannot read. Requests with the cookie that change something need the header `X-Ticktally-Console`.",
    for: "body",
    body: newSession,
    answers: { 201: sessionAnswer },
  },
  {
    method: "get",
    path: "/session",
    isLeftOut: true,
    tag: "Tokens",
    summary: "Show who the token or session belongs to",
    for: "instance",
    answers: { 200: sessionAnswer },
  },
  {
    method: "delete",
    path: "/session",
    isLeftOut: true,
    tag: "Tokens",
    summary: "Sign out",
    for: "instance",
    answers: { 200: doneAnswer },
  },
  {
    method: "get",
    path: "/health",
    tag: "Health",
    summary: "State of the processes, the queue, the quarantine and Redis",
    for: "reader",
    answers: { 200: healthAnswer },
  },
  {
    method: "get",
    path: "/events",
    tag: "Events",
    summary: "Stream of events",
    description:
      "Server-sent events `message` and `counts`; resumes after `Last-Event-ID` within ten minutes. See docs/rest.md.",
    for: "instance",
    query: eventsQuery,
    answers: { 200: "events" },
  },
];
