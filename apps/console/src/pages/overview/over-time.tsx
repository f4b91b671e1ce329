import { TimeChart } from "../../charts/time-chart.tsx";
import { count } from "../../format/numbers.ts";
import { STATUS_WORDS } from "../../format/words.ts";
import { Fault, Loading } from "../../parts/states.tsx";
import { csvOf, failuresOf, useSeries } from "../../rest/series.ts";
import { choice, choose } from "../../state/location.ts";
import { DAY_MS, dateIn, timeZone } from "../../state/scope.ts";

interface OverTimeProps {
  readonly chosen: { readonly instances: string; readonly from: string; readonly to: string };
  readonly step: "hour" | "day";
}

const LINES = ["sent", "delivered", "read"] as const;
const DASHES = { sent: [8, 4], delivered: undefined, read: [2, 3] } as const;

/** When messages were sent, arrived, were read and failed: by the time of each event. */
export function OverTime({ chosen, step }: OverTimeProps) {
  const query = { ...chosen, step, cohort: "event" } as const;
  const series = useSeries(query, { isLive: true });
  // The buckets that lie ahead are no zeros: there is nothing yet.
  const points = series.answer?.points.filter(({ at }) => Date.parse(at) <= Date.now()) ?? [];
  const isZoomed = choice("range") === "own";
  return (
    <TimeChart
      title="Over time"
      span={8}
      note={step === "hour" ? "Events by hour. Drag to zoom." : "Events by day. Drag to zoom."}
      moments={points.map(({ at }) => Date.parse(at) / 1_000)}
      lines={[
        ...LINES.map((name) => ({
          title: STATUS_WORDS[name].title,
          colour: STATUS_WORDS[name].colour,
          values: points.map((point) => point[name]),
          ...(DASHES[name] === undefined ? {} : { dash: DASHES[name] }),
        })),
        { title: "Failed", colour: "--failed", values: points.map(failuresOf) },
      ]}
      isByHour={step === "hour"}
      isLastOpen={series.answer !== undefined && Date.parse(series.answer.to) > Date.now()}
      format={count}
      csv={csvOf(query)}
      actions={
        isZoomed ? (
          <button
            type="button"
            class="tool"
            onClick={() => {
              choose({ range: undefined, from: undefined, to: undefined });
            }}
          >
            Zoom out
          </button>
        ) : null
      }
      onZoom={(from, to) => {
        zoomTo(from * 1_000, to * 1_000, step);
      }}
    >
      {series.answer !== undefined ? undefined : (
        <div style={{ height: "248px" }}>
          {series.error === undefined ? <Loading lines={6} /> : <Fault error={series.error} retry={series.reload} />}
        </div>
      )}
    </TimeChart>
  );
}

/** To whole days, or to whole hours where less than three days are drawn. */
function zoomTo(from: number, to: number, step: "hour" | "day"): void {
  const zone = timeZone.value;
  if (step === "day" || to - from > 3 * DAY_MS) {
    choose({ range: "own", from: dateIn(zone, from), to: dateIn(zone, to + DAY_MS) });
  } else {
    const hour = (at: number) => String(Math.floor(at / 3_600_000) * 3_600);
    choose({ range: "own", from: hour(from), to: hour(to + 3_600_000) });
  }
}
