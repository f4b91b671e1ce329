import { useRef } from "preact/hooks";
import { HeatMap, type Cell } from "../../charts/heat-map.tsx";
import { savePicture } from "../../charts/picture.ts";
import { count, percent } from "../../format/numbers.ts";
import { Answered, Card, CsvLink } from "../../parts/card.tsx";
import { csvOf, useSeries } from "../../rest/series.ts";
import { choice, choose } from "../../state/location.ts";
import { DAY_MS, instantOf, timeZone } from "../../state/scope.ts";
import type { Series } from "@ticktally/schemas";

interface WhenProps {
  readonly chosen: { readonly instances: string; readonly from: string; readonly to: string };
  readonly days: number;
}

/** An answer has at most 1,000 points, which are hours here. */
const DAYS_MAX = 40;
const DAYS = ["Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"];

/** At which hours of the week messages are sent, and when they arrive. */
export function When({ chosen, days }: WhenProps) {
  const svg = useRef<SVGSVGElement | null>(null);
  const isCut = days > DAYS_MAX;
  const from = isCut ? String(Math.floor((instantOf(chosen.to) - DAYS_MAX * DAY_MS) / 1_000)) : chosen.from;
  const query = { ...chosen, from, step: "hour", cohort: "message" } as const;
  const series = useSeries(query, { everySeconds: 60 });
  const shows = choice("heat") === "share" ? "share" : "volume";
  return (
    <Card
      title="When"
      span={6}
      note={`${shows === "share" ? "Share that arrived" : "Messages sent"} by weekday and hour${isCut ? `, the last ${String(DAYS_MAX)} days` : ""}`}
      actions={
        <>
          <fieldset class="segments small">
            <legend class="visually-hidden">Shown</legend>
            {(["volume", "share"] as const).map((name) => (
              <button
                key={name}
                type="button"
                aria-pressed={shows === name}
                onClick={() => {
                  choose({ heat: name === "share" ? "share" : undefined }, { replace: true });
                }}
              >
                {name === "volume" ? "Volume" : "Arrived"}
              </button>
            ))}
          </fieldset>
          <button
            type="button"
            class="tool"
            onClick={() => {
              if (svg.current !== null) void savePicture("When", svg.current);
            }}
          >
            PNG
          </button>
          <CsvLink href={csvOf(query)} />
        </>
      }
    >
      <Answered of={series} height={240}>
        {(answer) => {
          const cells = cellsOf(answer, timeZone.value);
          return (
            <>
              <HeatMap
                cells={cells}
                shows={shows}
                days={DAYS}
                svg={(element) => {
                  svg.current = element;
                }}
              />
              <AsTable cells={cells} />
            </>
          );
        }}
      </Answered>
    </Card>
  );
}

function AsTable({ cells }: { readonly cells: readonly (readonly Cell[])[] }) {
  return (
    <details class="as-table">
      <summary>Show as a table</summary>
      <div class="scrolls" tabIndex={0} role="region" aria-label="Messages by weekday and hour, as a table">
        <table class="plain">
          <thead>
            <tr>
              <th scope="col">Hour</th>
              {DAYS.map((day) => (
                <th key={day} scope="col" class="number">
                  {day}
                </th>
              ))}
            </tr>
          </thead>
          <tbody>
            {Array.from({ length: 24 }, (_, hour) => (
              <tr key={hour}>
                <th scope="row">{`${String(hour).padStart(2, "0")}:00`}</th>
                {cells.map((row, day) => {
                  const cell = row[hour];
                  return (
                    <td key={DAYS[day]} class="number">
                      {cell === undefined || cell.messages === 0
                        ? "–"
                        : `${count(cell.messages)} · ${percent(cell.sent === 0 ? null : cell.delivered / cell.sent)}`}
                    </td>
                  );
                })}
              </tr>
            ))}
          </tbody>
        </table>
      </div>
    </details>
  );
}

/** Hours of the series added up by weekday and hour of the chosen zone. */
function cellsOf({ points }: Series, zone: string): readonly (readonly Cell[])[] {
  const cells = DAYS.map(() => Array.from({ length: 24 }, () => ({ messages: 0, delivered: 0, sent: 0 })));
  const format = new Intl.DateTimeFormat("en-GB", {
    weekday: "short",
    hour: "2-digit",
    hourCycle: "h23",
    timeZone: zone,
  });
  for (const point of points) {
    const parts = format.formatToParts(new Date(point.at));
    const part = (type: string) => parts.find((found) => found.type === type)?.value ?? "";
    const cell = cells[DAYS.indexOf(part("weekday"))]?.[Number(part("hour"))];
    if (cell === undefined) continue;
    cell.messages += point.messages;
    cell.delivered += point.delivered;
    cell.sent += point.sent;
  }
  return cells;
}
