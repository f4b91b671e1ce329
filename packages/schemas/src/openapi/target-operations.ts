import {
  deadAnswer,
  deadDiscardAnswer,
  deadQuery,
  deadReplayAnswer,
  deadReplayRequest,
} from "../forwarding/dead-letters.ts";
import {
  newTarget,
  targetAnswer,
  targetChange,
  targetRetryAnswer,
  targetsAnswer,
  targetSecretAnswer,
  targetTestAnswer,
} from "../forwarding/target.ts";
import { doneAnswer } from "../rest/instance-answers.ts";
import type { Operation } from "./operation.ts";

const common = { tag: "Targets", for: "account" } as const;
/** Read tokens see them without the path of their addresses. */
const read = { tag: "Targets", for: "reader" } as const;

/** Targets, and what was given up. */
export const TARGET_OPERATIONS: readonly Operation[] = [
  {
    ...read,
    method: "get",
    path: "/targets",
    summary: "List targets",
    answers: { 200: targetsAnswer },
  },
  {
    ...common,
    method: "post",
    path: "/targets",
    summary: "Create a target",
    description: "Every webhook that is posted after the answer is passed on there.",
    body: newTarget,
    answers: { 201: targetSecretAnswer },
  },
  {
    ...read,
    method: "get",
    path: "/targets/{target}",
    summary: "A target and its last attempts",
    answers: { 200: targetAnswer },
  },
  {
    ...common,
    method: "patch",
    path: "/targets/{target}",
    summary: "Change a target",
    description: "What waits already is sent to the new address.",
    body: targetChange,
    answers: { 200: targetAnswer },
  },
  {
    ...common,
    method: "delete",
    path: "/targets/{target}",
    summary: "Delete a target",
    description: "What waits for it is deleted too.",
    answers: { 200: doneAnswer },
  },
  {
    ...common,
    method: "post",
    path: "/targets/{target}/pause",
    summary: "Send nothing for now",
    description: "What comes in is kept for it, for 24 hours, as long as there is room.",
    answers: { 200: targetAnswer },
  },
  {
    ...common,
    method: "post",
    path: "/targets/{target}/resume",
    summary: "Send again",
    answers: { 200: targetAnswer },
  },
  {
    ...common,
    method: "post",
    path: "/targets/{target}/retry",
    summary: "Try at once what waits after a failure",
    answers: { 200: targetRetryAnswer },
  },
  {
    ...common,
    method: "post",
    path: "/targets/{target}/test",
    summary: "Send a test request",
    description: 'Its body is `{ "type": "ticktally.test", "timestamp": … }`; nothing is retried.',
    answers: { 200: targetTestAnswer },
  },
  {
    ...common,
    method: "post",
    path: "/targets/{target}/rotate",
    summary: "Replace the secret that requests are signed with",
    description: "The old one signs too for 24 hours.",
    answers: { 200: targetSecretAnswer },
  },
  {
    ...read,
    method: "get",
    path: "/targets/{target}/dead",
    summary: "List webhooks that were given up",
    query: deadQuery,
    answers: { 200: deadAnswer },
  },
  {
    ...common,
    method: "post",
    path: "/targets/{target}/dead/replay",
    summary: "Send webhooks that were given up again",
    body: deadReplayRequest,
    answers: { 200: deadReplayAnswer },
  },
  {
    ...common,
    method: "delete",
    path: "/targets/{target}/dead",
    summary: "Discard all webhooks that were given up",
    answers: { 200: deadDiscardAnswer },
  },
  {
    ...common,
    method: "delete",
    path: "/targets/{target}/dead/{id}",
    summary: "Discard a webhook that was given up",
    answers: { 200: doneAnswer },
  },
];
