import { failuresAnswer, failuresQuery } from "../rest/metrics/failures-answer.ts";
import { latencyAnswer, latencyQuery } from "../rest/metrics/latency-answer.ts";
import { metricsAnswer } from "../rest/metrics/metrics-answer.ts";
import { seriesOrGroupsAnswer } from "../rest/metrics/series-answer.ts";
import { seriesQuery } from "../rest/metrics/series-query.ts";
import type { Operation } from "./operation.ts";

const metrics: Omit<Operation, "path"> = {
  method: "get",
  tag: "Metrics",
  summary: "Counts of one instance, or of several summed",
  for: "instance",
  answers: { 200: metricsAnswer },
};

/** Counts, by time and by group. */
export const METRICS_OPERATIONS: readonly Operation[] = [
  { ...metrics, path: "/metrics/{instances}", description: "Also at `/api/instance/metrics/{instances}`." },
  {
    method: "get",
    path: "/metrics/{instances}/series",
    tag: "Metrics",
    summary: "Counts by time and in total, also in groups",
    description:
      "How many messages came in, and how many outgoing ones reached each status. Without `groupBy` one series, with it one for each group.",
    for: "instance",
    query: seriesQuery,
    answers: { 200: seriesOrGroupsAnswer },
    isTable: true,
    hasEtag: true,
  },
  {
    method: "get",
    path: "/metrics/{instances}/failures",
    tag: "Metrics",
    summary: "Failures by status and reason, and the newest ones",
    for: "instance",
    query: failuresQuery,
    answers: { 200: failuresAnswer },
    isTable: true,
    hasEtag: true,
  },
  {
    method: "get",
    path: "/metrics/{instances}/latency",
    tag: "Metrics",
    summary: "How long messages take from one status to the next",
    for: "instance",
    query: latencyQuery,
    answers: { 200: latencyAnswer },
    isTable: true,
    hasEtag: true,
  },
];

export const INSTANCE_METRICS_OPERATION: Operation = {
  ...metrics,
  path: "/api/instance/metrics/{instances}",
  isLeftOut: true,
};
