import type { Series } from "@ticktally/schemas";
import { HeatMap, type Cell } from "../../charts/heat-map.tsx";
import { count, percent } from "../../format/numbers.ts";
import { Answered, Card, CsvLink, PictureButton } from "../../parts/card.tsx";
import { Segments } from "../../parts/segments.tsx";
import { csvOf, failuresOf, useSeries } from "../../rest/series.ts";
import { choice, choose } from "../../state/location.ts";
import { DAY_MS, instantOf, timeZone } from "../../state/scope.ts";

interface WhenProps {
  readonly chosen: { readonly instances: string; readonly from: string; readonly to: string };
  readonly days: number;
}

/** An answer has at most 1,000 points, one per hour here. */
const DAYS_MAX = 40;
const DAYS = ["Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"];

/** At which hours of the week messages are sent, and when they arrive. */
export function When({ chosen, days }: WhenProps) {
  const isCut = days > DAYS_MAX;
  const from = isCut ? String(Math.floor((instantOf(chosen.to) - DAYS_MAX * DAY_MS) / 1_000)) : chosen.from;
  const query = { ...chosen, from, step: "hour", cohort: "message" } as const;
  const series = useSeries(query, { everySeconds: 60 });
  const shows = choice("heat") === "share" ? "share" : "volume";
  const cells = series.answer === undefined ? [] : cellsOf(series.answer, timeZone.value);
  return (
    <Card
      title="When"
      span={6}
      note={`${shows === "share" ? "Share that arrived" : "Messages sent"} by weekday and hour${isCut ? `, the last ${String(DAYS_MAX)} days` : ""}`}
      actions={
        <>
          <Segments
            legend="Shown"
            value={shows}
            options={{ volume: "Sent", share: "Arrived" }}
            onChange={(name) => {
              choose({ heat: name === "share" ? "share" : undefined }, { replace: true });
            }}
          />
          <PictureButton title="When" />
          <CsvLink href={csvOf(query)} />
        </>
      }
    >
      <Answered of={series} height={318}>
        {() => (
          <>
            <HeatMap title="When" cells={cells} shows={shows} days={DAYS} />
            <AsTable cells={cells} />
          </>
        )}
      </Answered>
    </Card>
  );
}

function AsTable({ cells }: { readonly cells: readonly (readonly (Cell | undefined)[])[] }) {
  return (
    <details class="as-table" data-picture="no">
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

/** Hours of the series summed by weekday and hour in the chosen zone, without future hours. */
function cellsOf({ points }: Series, zone: string): readonly (readonly (Cell | undefined)[])[] {
  const cells = DAYS.map(() => Array.from({ length: 24 }, (): Cell | undefined => undefined));
  const format = new Intl.DateTimeFormat("en-GB", {
    weekday: "short",
    hour: "2-digit",
    hourCycle: "h23",
    timeZone: zone,
  });
  for (const point of points) {
    const at = Date.parse(point.at);
    if (at > Date.now()) continue;
    const parts = format.formatToParts(at);
    const part = (type: string) => parts.find((found) => found.type === type)?.value ?? "";
    const [row, hour] = [cells[DAYS.indexOf(part("weekday"))], Number(part("hour"))];
    if (row === undefined) continue;
    const { messages = 0, sent = 0, delivered = 0, failed = 0 } = row[hour] ?? {};
    row[hour] = {
      messages: messages + point.messages,
      sent: sent + point.sent,
      delivered: delivered + point.delivered,
      failed: failed + failuresOf(point),
    };
  }
  return cells;
}
