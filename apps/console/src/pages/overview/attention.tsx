import { count, percent } from "../../format/numbers.ts";
import { Icon } from "../../parts/icon.tsx";
import { Card } from "../../parts/card.tsx";
import { Fault, Loading } from "../../parts/states.tsx";
import { allInstances } from "../../rest/instances.ts";
import { failuresOf, useGroups, type Counts, type Group } from "../../rest/series.ts";
import { linkTo } from "../../state/location.ts";
import { DAY_MS, HOUR_MS, hourOf, instances, isChosen } from "../../state/scope.ts";
import { troubleOf, type Shares, type Trouble } from "./attention-rules.ts";

/** The number of recent hours: enough messages for a meaningful share, but still recent. */
const HOURS = 3;
const SHOWN = 6;
/** The maximum number of groups; of more instances, those with the most messages. */
const INSTANCES_MAX = 1_000;

/** Instances that do worse than usual, the worst first, one sentence each. */
export function Attention() {
  const now = Date.now();
  const base = { instances: instances.value, step: "total", cohort: "message", limit: INSTANCES_MAX } as const;
  const recent = { from: hourOf(now - (HOURS - 1) * HOUR_MS), to: hourOf(now + HOUR_MS) };
  const lately = useGroups({ ...base, ...recent, groupBy: "instance" }, { everySeconds: 30 });
  const reasons = useGroups({ ...base, ...recent, groupBy: "instance,reason" }, { everySeconds: 30 });
  const usual = useGroups(
    { ...base, from: hourOf(now - 7 * DAY_MS), to: hourOf(now - (HOURS - 1) * HOUR_MS), groupBy: "instance" },
    { everySeconds: 600 },
  );
  const all = allInstances.value;

  const error = lately.error ?? usual.error ?? all.error;
  return (
    <Card title="Needs attention" span={4} note={`The last ${String(HOURS)} hours compared with the 7 days before`}>
      {lately.answer !== undefined && usual.answer !== undefined && all.answer !== undefined ? (
        <Troubles found={troubles(lately.answer, usual.answer, reasons.answer ?? [], now)} groups={lately.answer} />
      ) : error === undefined ? (
        <Loading lines={8} />
      ) : (
        <Fault error={error} retry={lately.reload} />
      )}
    </Card>
  );
}

function Troubles({ found, groups }: { readonly found: readonly Trouble[]; readonly groups: readonly Group[] }) {
  const calm = groups.filter(
    ({ key, totals }) =>
      key.instance !== undefined && totals.messages > 0 && !found.some(({ name }) => name === key.instance),
  );
  return (
    <ul class="troubles">
      {found.length > 0 ? null : (
        <li class="calm-line">
          <Icon path="M5 13l4 4L19 7" /> No instance is worse than usual.
        </li>
      )}
      {found.slice(0, SHOWN).map(({ name, sentence, tone }) => (
        <li key={name} class={tone}>
          <a href={linkTo(["overview"], { instances: name })}>
            <strong>{name}</strong>
            <span>{sentence}</span>
          </a>
        </li>
      ))}
      {found.length > SHOWN ? (
        <li>
          <a href={linkTo(["instances"], { sort: "failed" })}>{found.length - SHOWN} more instances</a>
        </li>
      ) : null}
      {calm.slice(0, Math.max(0, SHOWN - found.length)).map(({ key: { instance = "" }, totals }) => (
        <li key={instance} class="calm">
          <a href={linkTo(["overview"], { instances: instance })}>
            <strong>{instance}</strong>
            <span class="quiet">{calmSentence(totals)}</span>
          </a>
        </li>
      ))}
    </ul>
  );
}

function calmSentence(totals: Counts): string {
  const failed = failuresOf(totals);
  const arrived = `${percent(totals.messages === 0 ? null : totals.delivered / totals.messages)} of ${count(totals.messages)} arrived`;
  return failed === 0 ? `${arrived}, none failed` : `${arrived}, ${percent(failed / totals.messages)} failed`;
}

function troubles(
  lately: readonly Group[],
  usual: readonly Group[],
  reasons: readonly Group[],
  now: number,
): readonly Trouble[] {
  const byName = (groups: readonly Group[]) => new Map(groups.map((group) => [group.key.instance, group.totals]));
  const [recent, before] = [byName(lately), byName(usual)];
  return (allInstances.value.answer ?? [])
    .filter(isChosen)
    .flatMap(({ name, state, lastWebhookAt }) => {
      // Groups arrive largest first.
      const reason = reasons.find(({ key }) => key.instance === name)?.key.reason;
      const found = troubleOf({
        name,
        state,
        silentSeconds: lastWebhookAt === null ? null : (now - Date.parse(lastWebhookAt)) / 1_000,
        lately: sharesOf(recent.get(name)),
        usually: sharesOf(before.get(name)),
        reason,
        hours: HOURS,
      });
      return found === undefined ? [] : [found];
    })
    .sort((a, b) => b.weight - a.weight);
}

function sharesOf(counts: Counts | undefined): Shares {
  if (counts === undefined) return { messages: 0, sent: 0, delivered: 0, failed: 0 };
  return { messages: counts.messages, sent: counts.sent, delivered: counts.delivered, failed: failuresOf(counts) };
}
