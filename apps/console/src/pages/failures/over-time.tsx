import { CHART_PX, TimeChart } from "../../charts/time-chart.tsx";
import { count } from "../../format/numbers.ts";
import { reasonWord } from "../../format/words.ts";
import { Fault, Loading } from "../../parts/states.tsx";
import { csvOf, failuresOf, useGroups } from "../../rest/series.ts";

interface OverTimeProps {
  readonly chosen: { readonly instances: string; readonly from: string; readonly to: string };
  readonly step: "hour" | "day";
  readonly reason: string | undefined;
}

/** Lines that can be distinguished, by colour and by dashes. */
const STYLES = [
  { colour: "--failed" },
  { colour: "--read", dash: [8, 4] },
  { colour: "--waiting", dash: [2, 3] },
  { colour: "--played", dash: [10, 3, 2, 3] },
  { colour: "--no-account", dash: [5, 5] },
  { colour: "--sent", dash: [1, 4] },
] as const;

/** The most frequent reasons by the time of the failure. */
export function ByReasonOverTime({ chosen, step, reason }: OverTimeProps) {
  const query = { ...chosen, step, groupBy: "reason", limit: reason === undefined ? STYLES.length - 1 : 100 } as const;
  const groups = useGroups(query, { everySeconds: 30 });
  const shown = (groups.answer ?? [])
    .filter(({ key }) => reason === undefined || key.reason === reason)
    .slice(0, STYLES.length);
  const moments = (shown[0]?.points ?? []).map(({ at }) => Date.parse(at)).filter((at) => at <= Date.now());
  return (
    <TimeChart
      title="Over time"
      span={12}
      note={step === "hour" ? "Failures by hour" : "Failures by day"}
      moments={moments.map((at) => at / 1_000)}
      lines={shown.map(({ key, points }, index) => ({
        title: key.other === true ? "Others" : reasonWord(key.reason ?? "none"),
        values: points.slice(0, moments.length).map(failuresOf),
        ...(STYLES[index] ?? STYLES[0]),
      }))}
      isByHour={step === "hour"}
      isLastOpen={moments.length > 0}
      format={count}
      csv={csvOf(query)}
    >
      {shown.length > 0 ? undefined : (
        <div style={{ height: `${String(CHART_PX)}px` }}>
          {groups.answer !== undefined ? (
            <p class="calm-line">Nothing failed in this period.</p>
          ) : groups.error === undefined ? (
            <Loading lines={8} />
          ) : (
            <Fault error={groups.error} retry={groups.reload} />
          )}
        </div>
      )}
    </TimeChart>
  );
}
