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
/** Read tokens see only the host of the addresses. */
const read = { tag: "Targets", for: "reader" } as const;

/** Targets and dead letters. */
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
    description: "Every webhook that is posted after the answer is forwarded to it.",
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
    description: "Webhooks that already wait are sent to the new address.",
    body: targetChange,
    answers: { 200: targetAnswer },
  },
  {
    ...common,
    method: "delete",
    path: "/targets/{target}",
    summary: "Delete a target",
    description: "Webhooks that wait for it are deleted too.",
    answers: { 200: doneAnswer },
  },
  {
    ...common,
    method: "post",
    path: "/targets/{target}/pause",
    summary: "Pause a target",
    description: "New webhooks are kept for it, for 24 hours, as long as there is room.",
    answers: { 200: targetAnswer },
  },
  {
    ...common,
    method: "post",
    path: "/targets/{target}/resume",
    summary: "Resume a target",
    answers: { 200: targetAnswer },
  },
  {
    ...common,
    method: "post",
    path: "/targets/{target}/retry",
    summary: "Retry failed deliveries now",
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
    summary: "Replace the signing secret",
    description: "The old one also signs for 24 hours.",
    answers: { 200: targetSecretAnswer },
  },
  {
    ...read,
    method: "get",
    path: "/targets/{target}/dead",
    summary: "List dead letters",
    query: deadQuery,
    answers: { 200: deadAnswer },
  },
  {
    ...common,
    method: "post",
    path: "/targets/{target}/dead/replay",
    summary: "Send dead letters again",
    body: deadReplayRequest,
    answers: { 200: deadReplayAnswer },
  },
  {
    ...common,
    method: "delete",
    path: "/targets/{target}/dead",
    summary: "Discard all dead letters",
    answers: { 200: deadDiscardAnswer },
  },
  {
    ...common,
    method: "delete",
    path: "/targets/{target}/dead/{id}",
    summary: "Discard a dead letter",
    answers: { 200: doneAnswer },
  },
];
