import { CHART_PX, TimeChart } from "../../charts/time-chart.tsx";
import { duration } from "../../format/times.ts";
import { Fault, Loading } from "../../parts/states.tsx";
import { useLatencyByDay, type LatencyByDay } from "../../rest/latency.ts";
import { csvOf } from "../../rest/series.ts";

interface HowFastProps {
  readonly chosen: { readonly instances: string; readonly from: string; readonly to: string };
  readonly days: number;
}

const STAGES = [
  { stage: "sentToDelivered", title: "How fast they arrive", note: "From sent to delivered", colour: "--delivered" },
  { stage: "deliveredToRead", title: "How fast they are read", note: "From delivered to read", colour: "--read" },
] as const;

/** How long half and 90 % of the messages took, by UTC day. A short period includes some earlier days, because a line needs two. */
export function HowFast({ chosen, days }: HowFastProps) {
  const found = useLatencyByDay(chosen.instances, chosen.to, Math.max(7, Math.ceil(days)));
  return (
    <>
      {STAGES.map((one) => (
        <Stage key={one.stage} {...one} found={found} csv={csvOf({ ...chosen, step: "day" }, "latency")} />
      ))}
    </>
  );
}

type StageProps = (typeof STAGES)[number] & { readonly found: LatencyByDay; readonly csv: string };

function Stage({ stage, title, note, colour, found: { points, error, isLoading, reload }, csv }: StageProps) {
  const value = (pick: "p50" | "p90") => points.map((day) => day.stages[stage][pick]);
  return (
    <TimeChart
      title={title}
      span={6}
      note={`${note}, by day (UTC)`}
      moments={points.map(({ at }) => at)}
      lines={[
        { title: "Half within", colour, values: value("p50") },
        { title: "9 of 10 within", colour, values: value("p90"), dash: [6, 4] },
      ]}
      isByHour={false}
      isLastOpen={false}
      format={duration}
      increments={INCREMENTS}
      csv={csv}
    >
      {points.length > 0 && !isLoading ? undefined : (
        <div style={{ height: `${String(CHART_PX)}px` }}>
          {error === undefined ? <Loading lines={8} /> : <Fault error={error} retry={reload} />}
        </div>
      )}
    </TimeChart>
  );
}

/** Round durations in seconds. */
const INCREMENTS = [1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1_800, 3_600, 7_200, 10_800, 21_600, 43_200, 86_400];
