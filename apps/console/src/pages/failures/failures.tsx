import { reasonWord } from "../../format/words.ts";
import { percent, count } from "../../format/numbers.ts";
import { useFailures, useSeries } from "../../rest/series.ts";
import { choice, choose } from "../../state/location.ts";
import { instances, periodOf } from "../../state/scope.ts";
import { Answered, Card, CsvLink, PictureButton } from "../../parts/card.tsx";
import { csvOf } from "../../rest/series.ts";
import { TableCsv } from "../../parts/table-csv.tsx";
import { ByInstance } from "./by-instance.tsx";
import { EXAMPLE_COLUMNS, Examples } from "./examples.tsx";
import { ByReasonOverTime } from "./over-time.tsx";

/** As many instances as fit side by side. */
const INSTANCES_MAX = 100;

/** Its heading, eight rows and a button. */
const MATRIX_PX = 332;

/** Which messages failed, why, and whose. */
export function Failures() {
  const period = periodOf(Date.now());
  const chosen = { instances: instances.value, from: period.from, to: period.to };
  const failures = useFailures({ ...chosen, groupBy: "instance", limit: INSTANCES_MAX }, { everySeconds: 10 });
  const totals = useSeries({ ...chosen, step: "total", cohort: "message" }, { everySeconds: 30 });
  const reason = choice("reason");
  return (
    <>
      <div class="page-head">
        <div>
          <h1>Failures</h1>
          <p class="answer">
            {failures.answer === undefined ? (
              <>&nbsp;</>
            ) : failures.answer.total === 0 ? (
              "Nothing failed in this period."
            ) : (
              <>
                <strong>{count(failures.answer.total)}</strong> messages failed
                {totals.answer === undefined || totals.answer.totals.messages === 0
                  ? "."
                  : `, ${percent(failures.answer.total / totals.answer.totals.messages)} of ${count(totals.answer.totals.messages)} sent.`}
              </>
            )}
          </p>
        </div>
        {reason === undefined ? null : (
          <button
            type="button"
            class="chip"
            aria-pressed="true"
            title="Show all reasons"
            onClick={() => {
              choose({ reason: undefined });
            }}
          >
            {reasonWord(reason)} ×
          </button>
        )}
      </div>
      <div class="grid">
        <Card
          title="Reasons by instance"
          actions={
            <>
              <PictureButton title="Reasons by instance" />
              <CsvLink href={csvOf({ ...chosen, groupBy: "instance" }, "failures")} />
            </>
          }
        >
          <div class="matrix-room">
            <Answered of={failures} height={MATRIX_PX}>
              {(answer) => <ByInstance failures={answer} reason={reason} />}
            </Answered>
          </div>
        </Card>
        <ByReasonOverTime chosen={chosen} step={period.step} reason={reason} />
        <Card
          title="Newest"
          note="In the gateway’s own words; long numbers are left out"
          actions={<TableCsv name="newest failures" columns={EXAMPLE_COLUMNS} rows={failures.answer?.examples ?? []} />}
        >
          <Answered of={failures} height={280}>
            {(answer) => <Examples examples={answer.examples} reason={reason} />}
          </Answered>
        </Card>
      </div>
    </>
  );
}
