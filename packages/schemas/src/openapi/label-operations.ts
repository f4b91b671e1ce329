import { doneAnswer } from "../rest/instance-answers.ts";
import { labelQuery, labelRequest, labelsAnswer, labelSetAnswer } from "../rest/labels.ts";
import type { Operation } from "./operation.ts";

export const LABEL_OPERATIONS: readonly Operation[] = [
  {
    method: "get",
    path: "/labels",
    tag: "Labels",
    summary: "List an instance's labels, with how many messages have each",
    for: "instance",
    query: labelQuery,
    answers: { 200: labelsAnswer },
  },
  {
    method: "put",
    path: "/labels/{label}",
    tag: "Labels",
    summary: "Label outgoing messages",
    description:
      "All of them, or none if one cannot be labelled. Before or after their webhooks arrive, in any order; repeating a call changes nothing.",
    for: "owner",
    body: labelRequest,
    answers: { 200: labelSetAnswer },
  },
  {
    method: "delete",
    path: "/labels/{label}",
    tag: "Labels",
    summary: "Delete a label and its counts",
    description: "Its messages stay. A later label of the same name starts at zero.",
    for: "owner",
    query: labelQuery,
    answers: { 200: doneAnswer },
  },
];
