import { FAILURES, type MessageStatus } from "@ticktally/core";
import type { Failures, Series } from "@ticktally/schemas";
import { FunnelShape } from "../../charts/funnel-shape.tsx";
import { count, percent } from "../../format/numbers.ts";
import { STATUS_WORDS } from "../../format/words.ts";
import { Answered } from "../../parts/card.tsx";
import { Change, ChangeOfShare, Count } from "../../parts/number.tsx";
import { Sparkline } from "../../parts/sparkline.tsx";
import { Ticks } from "../../parts/ticks.tsx";
import type { Resource } from "../../rest/resource.ts";
import { failuresOf, waitingOf, type Counts } from "../../rest/series.ts";
import { linkTo } from "../../state/location.ts";

const STEPS = ["sent", "delivered", "read", "played"] as const;
/** Only voice and video are played, so that step is no narrower part of the one before. */
const SHAPED = ["sent", "delivered", "read"] as const;
type Step = (typeof STEPS)[number];

/** Each step is a share of the one before. */
const BEFORE: Readonly<Partial<Record<Step, Step>>> = { delivered: "sent", read: "delivered", played: "read" };

interface FunnelProps {
  readonly series: Resource<Series>;
  readonly before: Series | undefined;
  readonly failures: Failures | undefined;
}

/** What became of the messages that were sent in the period, whenever it became known. */
export function Funnel({ series, before }: FunnelProps) {
  return (
    <section class="card span-12 funnel" aria-label="What became of the messages of this period">
      <Answered of={series} height={212}>
        {(answer) => <Steps series={answer} before={before?.totals} />}
      </Answered>
    </section>
  );
}

function Steps({ series, before }: { readonly series: Series; readonly before: Counts | undefined }) {
  const { totals, points } = series;
  const shown = STEPS.filter((step) => step !== "played" || totals.played > 0);
  const waiting = waitingOf(totals);
  return (
    <div class="funnel-inside">
      <div class="funnel-steps" style={{ "--steps": String(shown.length) }}>
        {shown.map((step) => {
          const previous = BEFORE[step];
          return (
            <div class={`funnel-step ${step}`} key={step}>
              <h2>
                <a href={linkTo(["messages"], { status: step, direction: "outgoing" })}>
                  <Ticks status={step} />
                </a>
              </h2>
              <p class="funnel-count">
                <Count value={totals[step]} />
                <Change now={totals[step]} before={before?.[step]} />
              </p>
              <p class="funnel-share">
                {previous === undefined ? (
                  waiting === 0 ? (
                    <span class="quiet">of {count(totals.messages)} messages</span>
                  ) : (
                    <a href={linkTo(["messages"], { status: "pending,yellowCard", direction: "outgoing" })}>
                      {count(waiting)} waiting
                    </a>
                  )
                ) : (
                  <>
                    <strong>{percent(shareOf(totals, step, previous))}</strong>
                    <span class="quiet"> of {STATUS_WORDS[previous].title.toLowerCase()}</span>{" "}
                    {before === undefined || step === "played" ? null : (
                      <ChangeOfShare now={shareOf(totals, step, previous)} before={shareOf(before, step, previous)} />
                    )}
                  </>
                )}
              </p>
              <Sparkline values={points.map((point) => point[step])} colour={STATUS_WORDS[step].colour} />
            </div>
          );
        })}
        <FunnelShape
          parts={SHAPED.map((step) => ({
            share: totals.sent === 0 ? 0 : totals[step] / totals.sent,
            colour: STATUS_WORDS[step].colour,
          }))}
        />
      </div>
      <Failed totals={totals} before={before} points={points} />
    </div>
  );
}

function Failed({
  totals,
  before,
  points,
}: {
  readonly totals: Counts;
  readonly before: Counts | undefined;
  readonly points: Series["points"];
}) {
  const all = failuresOf(totals);
  const words = FAILURES.filter((status) => totals[status] > 0);
  return (
    <div class={all === 0 ? "funnel-failed calm" : "funnel-failed"}>
      <h2>
        <a href={linkTo(["failures"])}>
          <Ticks status="failed" />
        </a>
      </h2>
      <p class="funnel-count">
        <Count value={all} />
        <Change now={all} before={before === undefined ? undefined : failuresOf(before)} isGood={false} />
      </p>
      <p class="funnel-share">
        <strong>{percent(totals.messages === 0 ? null : all / totals.messages)}</strong>
        <span class="quiet"> of all messages</span>
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
