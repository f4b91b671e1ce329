import { CHART_PX, TimeChart } from "../../charts/time-chart.tsx";
import { count } from "../../format/numbers.ts";
import { duration, time } from "../../format/times.ts";
import { stateWord, STATUS_WORDS } from "../../format/words.ts";
import { Segments } from "../../parts/segments.tsx";
import { Fault, Loading } from "../../parts/states.tsx";
import { allInstances } from "../../rest/instances.ts";
import { csvOf, failuresOf, useSeries } from "../../rest/series.ts";
import { useOutages } from "../../rest/state-changes.ts";
import { choice, choose } from "../../state/location.ts";
import { DAY_MS, dateIn, isChosen, timeZone } from "../../state/scope.ts";

interface OverTimeProps {
  readonly chosen: { readonly instances: string; readonly from: string; readonly to: string };
  readonly step: "hour" | "day";
  readonly days: number;
}

const LINES = ["sent", "delivered", "read"] as const;
const DASHES = { sent: [8, 4], delivered: undefined, read: [2, 3] } as const;

/** For a longer period seconds do not matter. */
const ROUNDED_FROM = 120;

/** Beyond this an hour is narrower than a pixel. */
const HOURLY_DAYS_MAX = 31;
/** With more instances the marks would hide the lines. */
const MARKED_INSTANCES_MAX = 12;
const MARKS_MAX = 4;

/** When messages were sent, delivered, read and failed, by the time of each event. */
export function OverTime({ chosen, step, days }: OverTimeProps) {
  const shown = step === "day" && days <= HOURLY_DAYS_MAX && choice("by") === "hour" ? "hour" : step;
  const query = { ...chosen, step: shown, cohort: "event" } as const;
  const series = useSeries(query, { isLive: true });
  // Future buckets are empty, not zero.
  const points = series.answer?.points.filter(({ at }) => Date.parse(at) <= Date.now()) ?? [];
  const marks = useMarks(points.map(({ at }) => Date.parse(at)));
  return (
    <TimeChart
      title="Over time"
      span={8}
      note={`Events by ${shown}. Drag to zoom in.`}
      moments={points.map(({ at }) => Date.parse(at) / 1_000)}
      marks={marks}
      lines={[
        ...LINES.map((name) => ({
          title: STATUS_WORDS[name].title,
          colour: STATUS_WORDS[name].colour,
          values: points.map((point) => point[name]),
          ...(DASHES[name] === undefined ? {} : { dash: DASHES[name] }),
        })),
        { title: "Failed", colour: "--failed", values: points.map(failuresOf) },
      ]}
      isByHour={shown === "hour"}
      isLastOpen={series.answer !== undefined && Date.parse(series.answer.to) > Date.now()}
      format={count}
      csv={csvOf(query)}
      actions={
        <>
          {choice("range") === "own" ? (
            <button
              type="button"
              class="tool"
              onClick={() => {
                choose({ range: undefined, from: undefined, to: undefined });
              }}
            >
              Zoom out
            </button>
          ) : null}
          {step === "hour" || days > HOURLY_DAYS_MAX ? null : (
            <Segments
              legend="Points"
              value={shown}
              options={{ day: "By day", hour: "By hour" }}
              onChange={(by) => {
                choose({ by: by === "day" ? undefined : by }, { replace: true });
              }}
            />
          )}
        </>
      }
      onZoom={(from, to) => {
        zoomTo(from * 1_000, to * 1_000, shown);
      }}
    >
      {series.answer !== undefined ? undefined : (
        <div style={{ height: `${String(CHART_PX)}px` }}>
          {series.error === undefined ? <Loading lines={8} /> : <Fault error={series.error} retry={series.reload} />}
        </div>
      )}
    </TimeChart>
  );
}

/** When instances were not signed in, within the period. @param moments Unix ms */
function useMarks(moments: readonly number[]) {
  const names = (allInstances.value.answer ?? []).filter(isChosen).map(({ name }) => name);
  const outages = useOutages(names.length > MARKED_INSTANCES_MAX ? [] : names);
  const [first = Infinity] = moments;
  return outages
    .filter(({ from }) => from >= first)
    .slice(-MARKS_MAX)
    .map(({ instance, state, from, to }) => ({
      at: from / 1_000,
      colour: "--failed",
      text: (
        <>
          <strong>{instance}</strong> {stateWord(state).toLowerCase()}{" "}
          <span class="quiet">
            {time(new Date(from), timeZone.value)}
            {to === undefined ? ", still" : `, for ${duration(rounded((to - from) / 1_000))}`}
          </span>
        </>
      ),
    }));
}

function rounded(seconds: number): number {
  return seconds < ROUNDED_FROM ? seconds : Math.round(seconds / 60) * 60;
}

/** Rounded to whole days, or to whole hours if the period is shorter than three days. */
function zoomTo(from: number, to: number, step: "hour" | "day"): void {
  const zone = timeZone.value;
  if (step === "day" || to - from > 3 * DAY_MS) {
    choose({ range: "own", from: dateIn(zone, from), to: dateIn(zone, to + DAY_MS) });
  } else {
    const hour = (at: number) => String(Math.floor(at / 3_600_000) * 3_600);
    choose({ range: "own", from: hour(from), to: hour(to + 3_600_000) });
  }
}
