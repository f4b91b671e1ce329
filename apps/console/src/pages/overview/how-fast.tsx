import { TimeChart } from "../../charts/time-chart.tsx";
import { duration } from "../../format/times.ts";
import { Fault, Loading } from "../../parts/states.tsx";
import { useLatencyByDay, type DayOfLatency } from "../../rest/latency.ts";
import { csvOf } from "../../rest/series.ts";
import { choice, choose } from "../../state/location.ts";

interface HowFastProps {
  readonly chosen: { readonly instances: string; readonly from: string; readonly to: string };
  readonly days: number;
}

const STAGES = { sentToDelivered: "to delivered", deliveredToRead: "to read" } as const;
type Stage = keyof typeof STAGES;

/** How long half, and nine of ten, of the messages took, by UTC day. Few days are shown with some before them: a line needs two. */
export function HowFast({ chosen, days }: HowFastProps) {
  const stage: Stage = choice("stage") === "deliveredToRead" ? "deliveredToRead" : "sentToDelivered";
  const { points, error, isLoading, reload } = useLatencyByDay(
    chosen.instances,
    chosen.to,
    Math.max(7, Math.ceil(days)),
  );
  const colour = stage === "sentToDelivered" ? "--delivered" : "--read";
  const value = (pick: "p50" | "p90") => points.map((day) => valueOf(day, stage, pick));
  return (
    <TimeChart
      title="How fast"
      span={12}
      note={`Time ${STAGES[stage]}, by day (UTC): half of the messages were faster than p50, nine of ten faster than p90`}
      moments={points.map(({ at }) => at)}
      lines={[
        { title: "p50", colour, values: value("p50") },
        { title: "p90", colour, values: value("p90"), dash: [6, 4] },
      ]}
      isByHour={false}
      isLastOpen={false}
      format={duration}
      increments={INCREMENTS}
      csv={csvOf(chosen, "latency")}
      actions={
        <fieldset class="segments small">
          <legend class="visually-hidden">Stage</legend>
          {(Object.keys(STAGES) as Stage[]).map((name) => (
            <button
              key={name}
              type="button"
              aria-pressed={stage === name}
              onClick={() => {
                choose({ stage: name === "sentToDelivered" ? undefined : name }, { replace: true });
              }}
            >
              {name === "sentToDelivered" ? "To delivered" : "To read"}
            </button>
          ))}
        </fieldset>
      }
    >
      {points.length > 0 && !isLoading ? undefined : (
        <div style={{ height: "248px" }}>
          {error === undefined ? <Loading lines={6} /> : <Fault error={error} retry={reload} />}
        </div>
      )}
    </TimeChart>
  );
}

/** Seconds that people count in. */
const INCREMENTS = [1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1_800, 3_600, 7_200, 10_800, 21_600, 43_200, 86_400];

function valueOf(day: DayOfLatency, stage: Stage, pick: "p50" | "p90"): number | null {
  return day.stages?.[stage][pick] ?? null;
}
