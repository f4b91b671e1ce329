import {
  applyEvent,
  contributionOf,
  CounterChanges,
  hourOf,
  moveCounts,
  newContribution,
  newRecord,
  newStanding,
  sourceOfSlot,
  type MessageEvent,
  type MessageRecord,
} from "../../packages/core/src/index.ts";
import { anyHash, HISTORY_START, messageHistory } from "../../packages/core/src/testing/index.ts";
import { SERIES_COLUMNS, seriesQuery } from "../../packages/schemas/src/index.ts";
import fc from "fast-check";
import { bucketsOf, cellPlaces, SeriesCells } from "../../apps/api/src/series/cells.ts";
import { dimensionsOf } from "../../apps/api/src/series/dimensions.ts";
import { CellsLeft, LabelCells } from "../../apps/api/src/series/label-cells.ts";
import { targetsOf, type SlotTargets } from "../../apps/api/src/series/targets.ts";

/** A period that contains all times in {@link records}. */
export const PERIOD = { fromHour: hourOf(HISTORY_START) - 30, toHour: hourOf(HISTORY_START) + 400 };
export const COLUMNS = SERIES_COLUMNS.length;

/** Messages from several histories, each with a unique id. */
export const records = fc.array(messageHistory, { minLength: 1, maxLength: 4 }).map((histories) =>
  histories.flatMap((events, n) => {
    const byKey = new Map<string, MessageRecord>();
    for (const event of events as readonly MessageEvent[]) {
      const direction = event.kind === "observation" ? event.direction : "outgoing";
      const key = `${direction}${event.idMessage}`;
      const record = byKey.get(key) ?? newRecord(direction, `${String(n)}${event.idMessage}`);
      byKey.set(key, record);
      applyEvent(record, event, newStanding(), anyHash);
    }
    return [...byKey.values()];
  }),
);

export interface Counted {
  readonly keys: readonly string[];
  /** One array for each key; values by bucket, then by column. */
  readonly groups: readonly Float64Array[];
}

/** The result of a query about messages. Contributions are summed as the store does it, then read as the api does it. */
export function counted(
  of: readonly MessageRecord[],
  query: Record<string, string>,
  starts: readonly number[],
): Counted {
  const asked = seriesQuery.parse(query);
  const targets = targetsOf(dimensionsOf(asked), asked.cohort);
  const placesOf = (of: SlotTargets) => cellPlaces(of, PERIOD.fromHour, bucketsOf(PERIOD, starts), starts.length);
  const cells = new SeriesCells(placesOf(targets));
  const changes = new CounterChanges();
  for (const record of of) moveCounts(newContribution(), contributionOf(record, newContribution()), changes);
  changes.takeTotals(() => undefined);
  changes.takeTimes((time, slot, by) => {
    const isRead = targets.sources.some((source) => source === sourceOfSlot(slot));
    if (isRead && time >= PERIOD.fromHour && time < PERIOD.toHour) cells.take(time, slot, by);
  });
  const found = {
    keys: targets.keys.map((key) => JSON.stringify(key)),
    groups: targets.keys.map((_, i) => cells.group(i)),
  };
  const { labels } = targets;
  if (labels === undefined) return found;
  const ofLabels = new LabelCells(labels, cells, placesOf(labels), new CellsLeft());
  changes.takeLabels((label, time, slot, by) => {
    if (time >= PERIOD.fromHour && time < PERIOD.toHour) ofLabels.take(`label ${String(label)}`, time, slot, by);
  });
  ofLabels.each((key, group) => {
    found.keys.push(JSON.stringify(key));
    found.groups.push(group);
  });
  return found;
}

/** Messages with a random subset of three labels each. */
export const labelled = fc
  .tuple(records, fc.array(fc.subarray([1, 2, 3]), { minLength: 40, maxLength: 40 }))
  .map(([of, sets]) =>
    of.map((record, i) => {
      if (record.direction === "outgoing") record.labels = sets[i % sets.length] ?? [];
      return record;
    }),
  );
