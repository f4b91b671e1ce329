import type { Series } from "@ticktally/schemas";
import type { Resource } from "../../rest/resource.ts";
import { failuresOf, useFailures, useSeries } from "../../rest/series.ts";
import { Fault } from "../../parts/states.tsx";
import { comparedPeriodOf, instances, periodOf, RANGES, range } from "../../state/scope.ts";
import { count, percent } from "../../format/numbers.ts";
import { Attention } from "./attention.tsx";
import { FirstSteps } from "./first-steps.tsx";
import { Funnel } from "./funnel.tsx";
import { HowFast } from "./how-fast.tsx";
import { OverTime } from "./over-time.tsx";
import { When } from "./when.tsx";
import { Why } from "./why.tsx";

/** Are my messages arriving? If not: which instances, why, and since when? */
export function Overview() {
  const now = Date.now();
  const period = periodOf(now);
  const compared = comparedPeriodOf(period, now);
  const chosen = { instances: instances.value, from: period.from, to: period.to };
  const before = compared === undefined ? undefined : { ...chosen, ...compared };
  const query = { ...chosen, step: period.step, cohort: "message" } as const;
  const series = useSeries(query, { isLive: true });
  const seriesBefore = useSeries(before && { ...before, step: "total", cohort: "message" }, { everySeconds: 120 });
  const failures = useFailures(chosen, { everySeconds: 10 });
  const failuresBefore = useFailures(before, { everySeconds: 120 });

  if (series.error !== undefined && series.answer === undefined && series.error.status === 404)
    return <UnknownInstance series={series} />;
  const isEmpty = series.answer !== undefined && series.answer.totals.messages + series.answer.totals.received === 0;
  return (
    <>
      <div class="page-head">
        <div>
          <h1>Overview</h1>
          <p class="answer">{answerOf(series.answer)}</p>
        </div>
      </div>
      {isEmpty ? <FirstSteps /> : null}
      <div class="grid">
        <Funnel series={series} before={seriesBefore.answer} query={query} />
        <OverTime chosen={chosen} step={period.step} days={period.days} />
        <Attention />
        <Why
          failures={failures}
          before={failuresBefore.answer}
          chosen={chosen}
          messages={series.answer?.totals.messages}
        />
        <When chosen={chosen} days={period.days} />
        <HowFast chosen={chosen} days={period.days} />
      </div>
    </>
  );
}

/** The answer in one sentence. */
function answerOf(series: Series | undefined) {
  if (series === undefined) return <>&nbsp;</>;
  const { totals } = series;
  const period =
    range.value === "own" ? "in this period" : range.value === "today" ? "today" : `in the last ${RANGES[range.value]}`;
  if (totals.messages === 0) return `No messages were sent ${period}.`;
  const failed = failuresOf(totals);
  return (
    <>
      <strong>{percent(totals.delivered / totals.messages)}</strong> of {count(totals.messages)} messages sent {period}{" "}
      have arrived
      {failed === 0 ? ", and none failed." : <>, {percent(failed / totals.messages)} failed.</>}
    </>
  );
}

function UnknownInstance({ series }: { readonly series: Resource<Series> }) {
  if (series.error === undefined) return null;
  return (
    <>
      <div class="page-head">
        <h1>Overview</h1>
      </div>
      <Fault error={series.error} retry={series.reload} />
    </>
  );
}
