import { z } from "zod";
import { checkAnswer, repairAnswer, repairRequest } from "../rest/gateway-check.ts";
import {
  gatewaySettingsAnswer,
  getMessageBody,
  journalAnswer,
  journalMessageAnswer,
  journalQuery,
  stateInstanceAnswer,
  statusStatisticAnswer,
  statusStatisticQuery,
} from "../rest/gateway-answers.ts";
import {
  chatDeletedAnswer,
  doneAnswer,
  instanceAnswer,
  instanceCreatedAnswer,
  instancesAnswer,
  settingsAnswer,
  tokenAnswer,
} from "../rest/instance-answers.ts";
import { instanceChange, instanceListQuery, newInstance } from "../rest/instance-requests.ts";
import { messageListAnswer, messageListQuery, messageQuery } from "../rest/message-list.ts";
import { messageAnswer, messagePlacesAnswer } from "../rest/metrics/metrics-answer.ts";
import {
  quarantineAnswer,
  quarantineEntryAnswer,
  quarantineQuery,
  replayAnswer,
  replayRequest,
} from "../rest/quarantine-answers.ts";
import { reconcileRequest, reconcileScheduledAnswer, reconciliationAnswer } from "../rest/reconciliation.ts";
import { TARGET_OPERATIONS } from "./target-operations.ts";
import { ACCOUNT_OPERATIONS } from "./account-operations.ts";
import { LABEL_OPERATIONS } from "./label-operations.ts";
import { INSTANCE_METRICS_OPERATION, METRICS_OPERATIONS } from "./metrics-operations.ts";
import type { Operation } from "./operation.ts";

const instances: Omit<Operation, "path"> = {
  method: "get",
  tag: "Instances",
  summary: "List instances",
  description:
    "All of the account by name, in pages, or those named by `instanceName`; an instance's token sees only its own. Also at `/api/instance/list`.",
  for: "instance",
  query: instanceListQuery,
  answers: { 200: instancesAnswer },
  isTable: true,
};

/** A read call in GREEN-API's own shape. */
function gateway(method: string, summary: string, answer: z.ZodType, query?: z.ZodObject): Operation {
  return {
    method: "get",
    path: `/waInstance{idInstance}/${method}/{apiTokenInstance}`,
    tag: "GREEN-API",
    summary,
    for: "path",
    ...(query === undefined ? {} : { query }),
    answers: { 200: answer },
  };
}

/** Every call, in the order of the documentation. A test compares this list with the routes. */
export const OPERATIONS: readonly Operation[] = [
  ...METRICS_OPERATIONS,
  {
    method: "get",
    path: "/messages/{instance}",
    tag: "Messages",
    summary: "List messages, newest first by when they were first seen",
    for: "instance",
    query: messageListQuery,
    answers: { 200: messageListAnswer },
    isTable: true,
  },
  {
    method: "get",
    path: "/messages/all/{idMessage}",
    tag: "Messages",
    summary: "Find the instances that have a message with this id",
    for: "reader",
    answers: { 200: messagePlacesAnswer },
  },
  {
    method: "get",
    path: "/messages/{instance}/{idMessage}",
    tag: "Messages",
    summary: "One message and its timeline",
    for: "instance",
    query: messageQuery,
    answers: { 200: messageAnswer },
  },
  ...LABEL_OPERATIONS,
  { ...instances, path: "/instances" },
  {
    method: "post",
    path: "/instances",
    tag: "Instances",
    summary: "Register an instance and create its token",
    description: "The token is shown only here.",
    for: "account",
    body: newInstance,
    answers: { 201: instanceCreatedAnswer },
  },
  {
    method: "get",
    path: "/instances/{name}",
    tag: "Instances",
    summary: "One instance",
    description: "The settings alone are also at `/api/instance/getSettings/{name}`.",
    for: "instance",
    answers: { 200: instanceAnswer },
  },
  {
    method: "patch",
    path: "/instances/{name}",
    tag: "Instances",
    summary: "Rename an instance or change its settings",
    for: "account",
    body: instanceChange,
    answers: { 200: instanceAnswer },
  },
  {
    method: "delete",
    path: "/instances/{name}",
    tag: "Instances",
    summary: "Delete an instance and all its data",
    for: "account",
    answers: { 200: doneAnswer },
  },
  {
    method: "delete",
    path: "/instances/{name}/chats/{chatId}",
    tag: "Instances",
    summary: "Forget one chat",
    description: "Removes its id from everything that is stored; its messages stay counted. May be repeated.",
    for: "account",
    answers: { 200: chatDeletedAnswer },
  },
  {
    method: "post",
    path: "/instances/{name}/token",
    tag: "Instances",
    summary: "Give an instance a new token",
    description: "Shown only here. The previous token stays valid; older ones end.",
    for: "account",
    answers: { 200: tokenAnswer },
  },
  {
    method: "get",
    path: "/instances/{name}/reconcile",
    tag: "Instances",
    summary: "The outcome of the last reconciliation",
    for: "instance",
    answers: { 200: reconciliationAnswer },
  },
  {
    method: "post",
    path: "/instances/{name}/reconcile",
    tag: "Instances",
    summary: "Reconcile with the gateway's journals",
    description: "Reads the gateway's journals now, or takes entries in the gateway's own shape: at most 10,000.",
    for: "account",
    body: reconcileRequest,
    answers: { 202: reconcileScheduledAnswer },
  },
  {
    method: "get",
    path: "/instances/{name}/check",
    tag: "Instances",
    summary: "Check an instance and its settings at the gateway",
    description:
      "Reads the settings, the account's state and the backlog from the gateway, and reports what prevents messages from being counted.",
    for: "instance",
    answers: { 200: checkAnswer },
  },
  {
    method: "post",
    path: "/instances/{name}/check/repair",
    tag: "Instances",
    summary: "Correct the settings at the gateway",
    description: "Shows the changes, and makes them with `apply`. The gateway may restart the instance.",
    for: "account",
    body: repairRequest,
    answers: { 200: repairAnswer },
  },
  ...TARGET_OPERATIONS,
  ...ACCOUNT_OPERATIONS,
  {
    method: "get",
    path: "/quarantine",
    tag: "Quarantine",
    summary: "Webhooks that could not be understood, newest first",
    for: "reader",
    query: quarantineQuery,
    answers: { 200: quarantineAnswer },
  },
  {
    method: "get",
    path: "/quarantine/{id}",
    tag: "Quarantine",
    summary: "One entry with its webhook, secrets masked",
    for: "reader",
    answers: { 200: quarantineEntryAnswer },
  },
  {
    method: "post",
    path: "/quarantine/replay",
    tag: "Quarantine",
    summary: "Try entries again",
    for: "account",
    body: replayRequest,
    answers: { 200: replayAnswer },
  },
  {
    method: "delete",
    path: "/quarantine/{id}",
    tag: "Quarantine",
    summary: "Discard an entry",
    for: "account",
    answers: { 200: doneAnswer },
  },
  gateway("lastOutgoingMessages", "Messages sent in the last minutes, newest first", journalAnswer, journalQuery),
  gateway("lastIncomingMessages", "Messages received in the last minutes, newest first", journalAnswer, journalQuery),
  {
    ...gateway("getMessage", "One message", journalMessageAnswer),
    method: "post",
    body: getMessageBody,
  },
  gateway("getStatusStatistic", "Each recipient of a message", statusStatisticAnswer, statusStatisticQuery),
  gateway("getStateInstance", "The account's state, as the gateway last reported it", stateInstanceAnswer),
  gateway("getSettings", "Two empty fields, because the gateway keeps these settings", gatewaySettingsAnswer),
  INSTANCE_METRICS_OPERATION,
  { ...instances, path: "/api/instance/list", isLeftOut: true },
  {
    method: "get",
    path: "/api/instance/getSettings/{name}",
    tag: "Instances",
    summary: "An instance's settings",
    for: "instance",
    answers: { 200: settingsAnswer },
    isLeftOut: true,
  },
  {
    method: "get",
    path: "/openapi.json",
    tag: "This document",
    summary: "This interface as OpenAPI 3.1",
    for: "anybody",
    isLeftOut: true,
    answers: { 200: z.record(z.string(), z.unknown()) },
  },
  {
    method: "get",
    path: "/docs",
    tag: "This document",
    summary: "A page to read and try this interface",
    for: "anybody",
    isLeftOut: true,
    answers: { 200: "html" },
  },
];
