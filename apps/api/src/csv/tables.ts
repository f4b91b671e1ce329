import { MESSAGE_STATUSES } from "@ticktally/core";
import {
  SERIES_COLUMNS,
  type FailureCounts,
  type Failures,
  type GroupKey,
  type GroupedSeries,
  type Instance,
  type Latencies,
  type Message,
  type Series,
} from "@ticktally/schemas";
import type { Cell } from "@ticktally/schemas/csv";
import type { Table } from "./send-csv.ts";

export function seriesTable({ points }: Series): Table {
  return {
    columns: ["at", ...SERIES_COLUMNS],
    rows: points.map((point) => [point.at, ...SERIES_COLUMNS.map((column) => point[column])]),
  };
}

/** One row per group and point. For the sum of the rest only `other` is set among the group's columns. */
export function groupedSeriesTable({ groupBy, groups }: GroupedSeries): Table {
  return {
    columns: [...groupBy, "other", "at", ...SERIES_COLUMNS],
    rows: groups.flatMap(({ key, points }) =>
      points.map((point) => [
        ...groupBy.map((dimension) => key[dimension]),
        key.other,
        point.at,
        ...SERIES_COLUMNS.map((column) => point[column]),
      ]),
    ),
  };
}

/** One row per status and reason, and per instance if grouped by it. */
export function failuresTable({ groups, ...all }: Failures): Table {
  const rowsOf = ({ byReason }: Pick<FailureCounts, "byReason">) =>
    byReason.map(({ status, reason, count }) => [status, reason, count]);
  return tableOf<Pick<FailureCounts, "byReason">>(["status", "reason", "count"], all, groups, rowsOf);
}

/** One row per stage, and per day or instance if grouped. In seconds. */
export function latencyTable({ points, groups, ...all }: Latencies): Table {
  const rowsOf = ({ stages }: Pick<Latencies, "stages">) =>
    Object.entries(stages).map(([stage, { count, mean, p50, p90, p99 }]) => [stage, count, mean, p50, p90, p99]);
  const columns = ["stage", "count", "mean", "p50", "p90", "p99"];
  if (points === undefined) return tableOf<Pick<Latencies, "stages">>(columns, all, groups, rowsOf);
  return {
    columns: ["at", ...columns],
    rows: points.flatMap((point) => rowsOf(point).map((row) => [point.at, ...row])),
  };
}

function tableOf<Counted extends object>(
  columns: readonly string[],
  all: Counted,
  groups: readonly (Counted & { readonly key: Pick<GroupKey, "instance" | "other"> })[] | undefined,
  rowsOf: (counted: Counted) => readonly (readonly Cell[])[],
): Table {
  if (groups === undefined) return { columns, rows: rowsOf(all) };
  return {
    columns: ["instance", "other", ...columns],
    rows: groups.flatMap((group) => rowsOf(group).map((row) => [group.key.instance, group.key.other, ...row])),
  };
}

/** One row per message, with the first reported time of each status. */
export function messagesTable(messages: readonly Message[]): Table {
  return {
    columns: [...MESSAGE_COLUMNS, ...MESSAGE_STATUSES.map((status) => `${status}At`), "labels"],
    rows: messages.map((message) => {
      const at = new Map(message.timeline.toReversed().map((entry) => [entry.status, entry.at]));
      const moments = MESSAGE_STATUSES.map((status) => at.get(status));
      return [...MESSAGE_COLUMNS.map((column) => message[column]), ...moments, message.labels.join("; ")];
    }),
  };
}

const MESSAGE_COLUMNS = [
  "idMessage",
  "chatId",
  "direction",
  "origin",
  "type",
  "status",
  "reason",
  "description",
  "contradicted",
  "observedAt",
] as const;

export function instancesTable(instances: readonly Instance[]): Table {
  return {
    columns: ["name", "idInstance", "state", "lastWebhookAt", "ignoreGroupMessages"],
    rows: instances.map(({ name, idInstance, state, lastWebhookAt, settings }) => {
      return [name, idInstance, state, lastWebhookAt, settings.ignoreGroupMessages];
    }),
  };
}
