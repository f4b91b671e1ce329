import type { Failures } from "@ticktally/schemas";
import { useState } from "preact/hooks";
import { count, percent } from "../../format/numbers.ts";
import { reasonWord } from "../../format/words.ts";
import { choose, linkTo } from "../../state/location.ts";

interface ByInstanceProps {
  readonly failures: Failures;
  readonly reason: string | undefined;
}

const COLUMNS_MAX = 8;

/** As many rows as fit into the card, so nothing below moves when the numbers arrive. */
const ROWS_MAX = 8;

/** Reasons in rows, instances in columns; a cell's colour is its share of the largest. */
export function ByInstance({ failures, reason }: ByInstanceProps) {
  const groups = (failures.groups ?? []).filter(({ key }) => key.instance !== undefined);
  const shown = groups.slice(0, COLUMNS_MAX);
  const [isWhole, setWhole] = useState(false);
  if (failures.total === 0) return <p class="calm-line">Nothing failed in this period.</p>;
  const all = sumsOf(failures.byReason).filter((row) => reason === undefined || row.reason === reason);
  const rows = isWhole ? all : all.slice(0, ROWS_MAX);
  const cells = shown.map((group) => new Map(sumsOf(group.byReason).map((row) => [row.reason, row.count])));
  const highest = Math.max(1, ...cells.flatMap((cell) => [...cell.values()]));
  return (
    <>
      <div class="scrolls whole" tabIndex={0} role="region" aria-label="Failures by reason and instance">
        <table class="plain matrix">
          <thead>
            <tr>
              <th scope="col">Reason</th>
              <th scope="col" class="number">
                All
              </th>
              <th scope="col" class="number">
                Share
              </th>
              {shown.map(({ key: { instance = "" } }) => (
                <th key={instance} scope="col" class="number">
                  <a href={linkTo(["failures"], { instances: instance })}>{instance}</a>
                </th>
              ))}
            </tr>
          </thead>
          <tbody>
            {rows.map((row) => (
              <tr key={row.reason}>
                <th scope="row">
                  <button
                    type="button"
                    class="link"
                    onClick={() => {
                      choose({ reason: reason === row.reason ? undefined : row.reason });
                    }}
                  >
                    {reasonWord(row.reason)}
                  </button>
                </th>
                <td class="number">{count(row.count)}</td>
                <td class="number quiet">{percent(row.count / failures.total)}</td>
                {cells.map((cell, index) => {
                  const value = cell.get(row.reason) ?? 0;
                  return (
                    <td
                      key={shown[index]?.key.instance}
                      class="number cell"
                      style={{ "--strength": String(value / highest) }}
                    >
                      {value === 0 ? <span class="quiet">–</span> : count(value)}
                    </td>
                  );
                })}
              </tr>
            ))}
          </tbody>
        </table>
      </div>
      {all.length <= rows.length ? null : (
        <button
          type="button"
          class="tool"
          data-picture="no"
          onClick={() => {
            setWhole(true);
          }}
        >
          Show {all.length - rows.length} more reasons
        </button>
      )}
      {groups.length > COLUMNS_MAX ? (
        <p class="quiet small">
          The {COLUMNS_MAX} instances with the most failures of {groups.length >= 100 ? "100 or more" : groups.length};
          the CSV has all.
        </p>
      ) : null}
    </>
  );
}

/** A reason can occur with several statuses, which are merged here. */
function sumsOf(found: Failures["byReason"]): readonly { readonly reason: string; readonly count: number }[] {
  const sums = new Map<string, number>();
  for (const { reason, count: amount } of found) sums.set(reason, (sums.get(reason) ?? 0) + amount);
  return [...sums].map(([reason, amount]) => ({ reason, count: amount })).sort((a, b) => b.count - a.count);
}
