import type { Failures } from "@ticktally/schemas";
import { change, count, percent } from "../../format/numbers.ts";
import { reasonWord } from "../../format/words.ts";
import { Answered, Card, CsvLink, PictureButton } from "../../parts/card.tsx";
import type { Resource } from "../../rest/resource.ts";
import { csvOf } from "../../rest/series.ts";
import { linkTo } from "../../state/location.ts";

interface WhyProps {
  readonly failures: Resource<Failures>;
  readonly before: Failures | undefined;
  readonly chosen: { readonly instances: string; readonly from: string; readonly to: string };
  readonly messages: number | undefined;
}

const SHOWN = 8;

/** Reasons in words, the most frequent first; each leads to its failures. */
export function Why({ failures, before, chosen }: WhyProps) {
  return (
    <Card
      title="Why messages fail"
      span={6}
      note="Failures of this period by reason"
      actions={
        <>
          <PictureButton title="Why messages fail" />
          <CsvLink href={csvOf(chosen, "failures")} />
        </>
      }
    >
      <Answered of={failures} height={240}>
        {({ total, byReason }) => {
          const reasons = byReasonOf(byReason);
          const earlier = new Map(
            byReasonOf(before?.byReason ?? []).map(({ reason, count: amount }) => [reason, amount]),
          );
          const highest = reasons[0]?.count ?? 1;
          if (total === 0) return <p class="calm-line">Nothing failed in this period.</p>;
          return (
            <ol class="bars">
              {reasons.slice(0, SHOWN).map(({ reason, count: amount }) => (
                <li key={reason}>
                  <a href={linkTo(["failures"], { reason })}>
                    <span class="bars-name">{reasonWord(reason)}</span>
                    <span class="bars-number">{count(amount)}</span>
                    <span class="bars-number quiet">{percent(amount / total)}</span>
                    <span class={`bars-number small ${toneOf(amount, earlier.get(reason))}`}>
                      {before === undefined || before.total === 0
                        ? ""
                        : earlier.has(reason)
                          ? change(amount, earlier.get(reason))
                          : "new"}
                    </span>
                    <span class="bar">
                      <span style={{ width: `${String((100 * amount) / highest)}%` }} />
                    </span>
                  </a>
                </li>
              ))}
              {reasons.length > SHOWN ? (
                <li>
                  <a href={linkTo(["failures"])}>{reasons.length - SHOWN} more reasons</a>
                </li>
              ) : null}
            </ol>
          );
        }}
      </Answered>
    </Card>
  );
}

/** A reason can occur with several failures, which are merged here. */
function byReasonOf(found: Failures["byReason"]): readonly { readonly reason: string; readonly count: number }[] {
  const sums = new Map<string, number>();
  for (const { reason, count: amount } of found) sums.set(reason, (sums.get(reason) ?? 0) + amount);
  return [...sums].map(([reason, amount]) => ({ reason, count: amount })).sort((a, b) => b.count - a.count);
}

function toneOf(now: number, before: number | undefined): string {
  if (before === undefined || now === before) return "quiet";
  return now > before ? "bad" : "good";
}
