import { FAILURES, PROGRESS, type MessageStatus, type Progress } from "@ticktally/core";
import type { Series } from "@ticktally/schemas";
import { FunnelShape } from "../../charts/funnel-shape.tsx";
import { count, percent } from "../../format/numbers.ts";
import { STATUS_WORDS } from "../../format/words.ts";
import { Answered, Card, CsvLink, PictureButton } from "../../parts/card.tsx";
import { Change, ChangeOfShare, Count } from "../../parts/number.tsx";
import { Sparkline } from "../../parts/sparkline.tsx";
import { Ticks } from "../../parts/ticks.tsx";
import type { Resource } from "../../rest/resource.ts";
import { csvOf, failuresOf, useGroups, waitingOf, type Counts, type SeriesQuery } from "../../rest/series.ts";
import { linkTo } from "../../state/location.ts";
import { comparison } from "../../state/scope.ts";

const STEPS = ["sent", "delivered", "read"] as const;
type Step = (typeof STEPS)[number];

/** Each step is a share of the previous one. */
const BEFORE: Readonly<Partial<Record<Step, Step>>> = { delivered: "sent", read: "delivered" };

const TITLE = "What became of the messages";
const [SHAPE_PX, HEIGHT_PX, TEXT_PX] = [72, 232, 24];

interface FunnelProps {
  readonly series: Resource<Series>;
  readonly before: Series | undefined;
  readonly query: SeriesQuery;
}

/** Statuses of the messages that were sent in the period, whenever they were reached. */
export function Funnel({ series, before, query }: FunnelProps) {
  return (
    <Card
      title={TITLE}
      note={noteOf(before !== undefined)}
      actions={
        <>
          <PictureButton title={TITLE} />
          <CsvLink href={csvOf(query)} />
        </>
      }
    >
      <Answered of={series} height={HEIGHT_PX}>
        {(answer) => <Steps series={answer} before={before?.totals} query={query} />}
      </Answered>
    </Card>
  );
}

function noteOf(isCompared: boolean): string {
  const sent = "Messages of this period, whenever they arrived";
  if (comparison.value === "none" || !isCompared) return sent;
  return `${sent}. Changes are against ${comparison.value === "week" ? "the same days last week" : "the period before"}, up to the same hour`;
}

interface StepsProps {
  readonly series: Series;
  readonly before: Counts | undefined;
  readonly query: SeriesQuery;
}

function Steps({ series, before, query }: StepsProps) {
  const { totals } = series;
  const points = completeOf(series);
  const voice = useVoice(totals.played > 0 ? query : undefined);
  const shares = STEPS.map((step) => ({
    share: totals.sent === 0 ? 0 : totals[step] / totals.sent,
    colour: STATUS_WORDS[step].colour,
  }));
  const played = totals.played / Math.max(1, totals.played, voice ?? totals.read);
  return (
    <div class="funnel-inside">
      <div class={totals.played > 0 ? "funnel-steps with-played" : "funnel-steps"}>
        {STEPS.map((step) => (
          <div class="funnel-step" key={step}>
            <StepHead status={step} now={totals[step]} before={before?.[step]} />
            <p class="funnel-share">
              {step === "sent" ? <Waiting totals={totals} /> : shareText(step, totals, before)}
            </p>
            <Sparkline values={points.map((point) => point[step])} colour={STATUS_WORDS[step].colour} />
          </div>
        ))}
        {totals.played === 0 ? null : (
          <div class="funnel-step played">
            <StepHead status="played" now={totals.played} before={before?.played} />
            <p class="funnel-share">
              {voice === undefined || voice < totals.played ? (
                <>
                  <strong>{percent(totals.played / totals.read)}</strong> <span class="quiet">of read</span>
                </>
              ) : (
                <>
                  <strong>{percent(totals.played / voice)}</strong>{" "}
                  <span class="quiet">of {count(voice)} voice messages</span>
                </>
              )}
            </p>
            <Sparkline values={points.map(({ played }) => played)} colour="--played" />
          </div>
        )}
        <div class="funnel-band">
          <FunnelShape parts={shares} height={SHAPE_PX} />
          {shares.map(({ share, colour }, index) => (
            <BandShare key={colour} share={share} column={index + 1} text={index === 0 ? "" : "of sent"} />
          ))}
        </div>
        {totals.played === 0 ? null : (
          <div class="funnel-band played">
            <FunnelShape parts={[{ share: played, colour: "--played" }]} height={SHAPE_PX} />
            <BandShare share={played} column={1} text="" />
          </div>
        )}
      </div>
      <Failed totals={totals} before={before} points={points} />
    </div>
  );
}

/** Inside the band, or above it if the band is too thin for text. */
function BandShare({
  share,
  column,
  text,
}: {
  readonly share: number;
  readonly column: number;
  readonly text: string;
}) {
  return (
    <span
      class={share * SHAPE_PX < TEXT_PX ? "band-share is-above" : "band-share"}
      style={{ gridColumn: String(column) }}
      aria-hidden="true"
    >
      <strong>{percent(share)}</strong> {text}
    </span>
  );
}

/** The current hour or day is not complete, and future ones are not zero: drawing them would show a drop that did not happen. */
function completeOf({ points }: Series): Series["points"] {
  const begun = points.filter(({ at }) => Date.parse(at) <= Date.now());
  return begun.length < points.length || begun.length > 2 ? begun.slice(0, -1) : begun;
}

/** How many voice messages were sent. Only they can be played, so that step is not a share of all read messages. */
function useVoice(query: SeriesQuery | undefined): number | undefined {
  const groups = useGroups(query && { ...query, step: "total", groupBy: "type" }, { everySeconds: 60 });
  return groups.answer?.find(({ key }) => key.type === "audio")?.totals.sent;
}

interface StepHeadProps {
  readonly status: Progress;
  readonly now: number;
  readonly before: number | undefined;
}

function StepHead({ status, now, before }: StepHeadProps) {
  const reached = PROGRESS.slice(PROGRESS.indexOf(status));
  return (
    <>
      <h3>
        <a href={linkTo(["messages"], { status: reached.join(","), direction: "outgoing" })}>
          <Ticks status={status} />
        </a>
      </h3>
      <p class="funnel-count">
        <Count value={now} />
        <Change now={now} before={before} />
      </p>
    </>
  );
}

function Waiting({ totals }: { readonly totals: Counts }) {
  const waiting = waitingOf(totals);
  if (waiting === 0) return <span class="quiet">of {count(totals.messages)} messages</span>;
  return (
    <>
      <span class="quiet">of {count(totals.messages)} messages, </span>
      <a href={linkTo(["messages"], { status: "pending,yellowCard", direction: "outgoing" })}>
        {count(waiting)} waiting
      </a>
    </>
  );
}

function shareText(step: Step, totals: Counts, before: Counts | undefined) {
  const previous = BEFORE[step] ?? "sent";
  return (
    <>
      <strong>{percent(shareOf(totals, step, previous))}</strong>{" "}
      <span class="quiet">of {STATUS_WORDS[previous].title.toLowerCase()}</span>{" "}
      {before === undefined ? null : (
        <ChangeOfShare now={shareOf(totals, step, previous)} before={shareOf(before, step, previous)} />
      )}
    </>
  );
}

interface FailedProps {
  readonly totals: Counts;
  readonly before: Counts | undefined;
  readonly points: Series["points"];
}

function Failed({ totals, before, points }: FailedProps) {
  const all = failuresOf(totals);
  const words = FAILURES.filter((status) => totals[status] > 0);
  return (
    <div class={all === 0 ? "funnel-failed calm" : "funnel-failed"}>
      <h3>
        <a href={linkTo(["failures"])}>
          <Ticks status="failed" />
        </a>
      </h3>
      <p class="funnel-count">
        <Count value={all} />
        <Change now={all} before={before === undefined ? undefined : failuresOf(before)} isGood={false} />
      </p>
      <p class="funnel-share">
        <strong>{percent(totals.messages === 0 ? null : all / totals.messages)}</strong>{" "}
        <span class="quiet">of all messages</span>
      </p>
      <Sparkline values={points.map(failuresOf)} colour="--failed" />
      {words.length < 1 ? (
        <p class="quiet small">Nothing failed.</p>
      ) : (
        <ul class="failed-words">
          {words.map((status: MessageStatus & keyof Counts) => (
            <li key={status}>
              <a href={linkTo(["messages"], { status, direction: "outgoing" })}>
                {status === "failed" ? "Sending failed" : STATUS_WORDS[status].title}
              </a>
              <span>{count(totals[status])}</span>
            </li>
          ))}
        </ul>
      )}
    </div>
  );
}

function shareOf(totals: Counts, step: Step, previous: Step): number | null {
  return totals[previous] === 0 ? null : totals[step] / totals[previous];
}
