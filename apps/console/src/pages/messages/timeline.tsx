import { isFailure, type MessageStatus } from "@ticktally/core";
import type { Message } from "@ticktally/schemas";
import { STATUS_WORDS } from "../../format/words.ts";
import { duration } from "../../format/times.ts";
import { TickShape } from "../../parts/ticks.tsx";
import { Time } from "../../parts/time.tsx";

/** The steps that a message must have passed when it reached a later one. */
const STEPS: readonly MessageStatus[] = ["sent", "delivered", "read", "played"];

interface Entry {
  readonly status: MessageStatus;
  /** A step that is only implied by a later one has no times. */
  readonly at: string | undefined;
  readonly receivedAt: string | undefined;
}

/** The timeline of a message: each step with its ticks, its time, the time since the previous step, and when it was reported. */
export function Timeline({ message }: { readonly message: Message }) {
  const entries = withImplied(message);
  return (
    <>
      <ol class="timeline">
        {entries.map(({ status, at, receivedAt }, index) => {
          const wait = waitBefore(entries, index);
          return (
            <li
              key={status}
              class={at === undefined ? "implied" : ""}
              style={{ "--mark": `var(${STATUS_WORDS[status].colour})` }}
            >
              {index === 0 ? null : <span class="timeline-wait">{wait}</span>}
              <span class="timeline-mark">
                <TickShape status={status} />
              </span>
              <span>
                <span class="timeline-title">{STATUS_WORDS[status].title}</span>{" "}
                <span class="timeline-note">{noteOf(at, receivedAt)}</span>
              </span>
              <span class="timeline-time">{at === undefined ? null : <Time at={at} withSeconds />}</span>
            </li>
          );
        })}
      </ol>
      {message.contradicted ? <p class="notice warn">{contradictionOf(message)}</p> : null}
    </>
  );
}

/** A shorter delay is shown as immediate. */
const LATE_SECONDS = 60;

function noteOf(at: string | undefined, receivedAt: string | undefined): string {
  if (at === undefined) return "not reported, implied by the next step";
  if (receivedAt === undefined) return "";
  const late = (Date.parse(receivedAt) - Date.parse(at)) / 1_000;
  return late > LATE_SECONDS ? `reported ${duration(late)} later` : "";
}

function waitBefore(entries: readonly Entry[], index: number): string {
  const at = entries[index]?.at;
  const before = entries
    .slice(0, index)
    .toReversed()
    .find((entry) => entry.at !== undefined)?.at;
  if (at === undefined || before === undefined) return "";
  const seconds = (Date.parse(at) - Date.parse(before)) / 1_000;
  return seconds === 0 ? "in the same second" : `${duration(seconds)} later`;
}

function withImplied({ timeline, status }: Message): readonly Entry[] {
  const reported = timeline.map((entry): Entry => entry);
  const highest = STEPS.findLastIndex((step) => timeline.some((entry) => entry.status === step));
  const missing = STEPS.slice(0, Math.max(0, highest)).filter(
    (step) => !timeline.some((entry) => entry.status === step),
  );
  if (missing.length === 0 || (status !== null && isFailure(status))) return reported;
  const rank = (step: MessageStatus) => STEPS.indexOf(step);
  return [...reported, ...missing.map((step): Entry => ({ status: step, at: undefined, receivedAt: undefined }))].sort(
    (a, b) => rank(a.status) - rank(b.status),
  );
}

function contradictionOf({ status }: Message): string {
  return status !== null && isFailure(status)
    ? "The gateway also reported this message as delivered, but not before it failed: it is counted as failed."
    : "The gateway also reported this message as failed, but only after it was delivered: it is counted as delivered.";
}
