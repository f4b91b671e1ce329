import { FunnelShape } from "../../charts/funnel-shape.tsx";
import { count, percent } from "../../format/numbers.ts";
import { STATUS_WORDS } from "../../format/words.ts";
import { Answered, Card, CsvLink, PictureButton } from "../../parts/card.tsx";
import { Copied } from "../../parts/copied.tsx";
import { ChangeOfShare } from "../../parts/number.tsx";
import { Empty } from "../../parts/states.tsx";
import { Ticks } from "../../parts/ticks.tsx";
import { csvOf, failuresOf, useGroups, type Counts, type Group } from "../../rest/series.ts";
import { choice, choose, linkTo } from "../../state/location.ts";
import { instances, periodOf } from "../../state/scope.ts";

const LABELS_MAX = 100;
const STEPS = ["sent", "delivered", "read"] as const;

/** Labels side by side; two of them can be compared. */
export function Labels() {
  const period = periodOf(Date.now());
  const query = {
    instances: instances.value,
    from: period.from,
    to: period.to,
    step: "total",
    cohort: "message",
    groupBy: "label",
    limit: LABELS_MAX,
  } as const;
  const found = useGroups(query, { everySeconds: 30 });
  const chosen = (choice("chosen") ?? "")
    .split(",")
    .filter((label) => label !== "")
    .map(decodeURIComponent);
  return (
    <>
      <div class="page-head">
        <div>
          <h1>Labels</h1>
          <p class="answer quiet">Messages of campaigns, of the chosen period. Choose two to compare them.</p>
        </div>
      </div>
      <div class="grid">
        <Card
          title="By label"
          actions={
            <>
              <PictureButton title="By label" />
              <CsvLink href={csvOf(query)} />
            </>
          }
        >
          <Answered of={found} height={280}>
            {(groups) => <List groups={groups.filter((group) => labelOf(group) !== undefined)} chosen={chosen} />}
          </Answered>
        </Card>
      </div>
    </>
  );
}

function labelOf({ key }: Group): string | undefined {
  return key.label ?? undefined;
}

function List({ groups, chosen }: { readonly groups: readonly Group[]; readonly chosen: readonly string[] }) {
  if (groups.length === 0)
    return (
      <Empty title="No message of this period has a label.">
        <p>Label messages, before or after their webhooks arrive, and see how each campaign does:</p>
        <Copied
          what="command"
          text={`curl -X PUT ${globalThis.location.origin}/labels/spring -H "token: …" -H "Content-Type: application/json" -d '{"instance":"sales","idMessages":["3EB0…"]}'`}
        />
      </Empty>
    );
  const [one, other] = chosen.map((label) => groups.find((group) => labelOf(group) === label));
  return (
    <>
      {one === undefined || other === undefined ? null : <Compared one={one} other={other} />}
      <ul class="labels">
        {groups.map((group) => {
          const label = labelOf(group) ?? "";
          const { totals } = group;
          const isChosen = chosen.includes(label);
          return (
            <li key={label}>
              <label class="label-name">
                <input
                  type="checkbox"
                  checked={isChosen}
                  onChange={() => {
                    const next = isChosen ? chosen.filter((name) => name !== label) : [...chosen, label].slice(-2);
                    choose({ chosen: next.map(encodeURIComponent).join(",") }, { replace: true });
                  }}
                />
                <strong>{label}</strong>
              </label>
              <FunnelShape parts={partsOf(totals)} height={36} />
              <dl class="label-numbers">
                {STEPS.map((step) => (
                  <div key={step}>
                    <dt>
                      <Ticks status={step} />
                    </dt>
                    <dd>
                      {count(totals[step])}{" "}
                      <span class="quiet">{step === "sent" ? "" : percent(shareOf(totals, step))}</span>
                    </dd>
                  </div>
                ))}
                <div>
                  <dt>
                    <Ticks status="failed" />
                  </dt>
                  <dd>
                    {count(failuresOf(totals))}{" "}
                    <span class="quiet">
                      {percent(totals.messages === 0 ? null : failuresOf(totals) / totals.messages)}
                    </span>
                  </dd>
                </div>
              </dl>
              <a href={linkTo(["messages"], { label, direction: "outgoing" })}>Messages</a>
            </li>
          );
        })}
      </ul>
    </>
  );
}

function Compared({ one, other }: { readonly one: Group; readonly other: Group }) {
  return (
    <div class="scrolls" tabIndex={0} role="region" aria-label="Two labels compared">
      <table class="plain compared">
        <thead>
          <tr>
            <th scope="col" />
            <th scope="col" class="number">
              {labelOf(one)}
            </th>
            <th scope="col" class="number">
              {labelOf(other)}
            </th>
            <th scope="col" class="number">
              Difference
            </th>
          </tr>
        </thead>
        <tbody>
          <tr>
            <th scope="row">Messages</th>
            <td class="number">{count(one.totals.messages)}</td>
            <td class="number">{count(other.totals.messages)}</td>
            <td />
          </tr>
          {(["delivered", "read"] as const).map((step) => (
            <tr key={step}>
              <th scope="row">{STATUS_WORDS[step].title}</th>
              <td class="number">{percent(shareOf(one.totals, step))}</td>
              <td class="number">{percent(shareOf(other.totals, step))}</td>
              <td class="number">
                <ChangeOfShare now={shareOf(other.totals, step)} before={shareOf(one.totals, step)} />
              </td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}

function partsOf(totals: Counts) {
  return STEPS.map((step) => ({
    share: totals.sent === 0 ? 0 : totals[step] / totals.sent,
    colour: STATUS_WORDS[step].colour,
  }));
}

function shareOf(totals: Counts, step: (typeof STEPS)[number]): number | null {
  const whole = step === "read" ? totals.delivered : step === "delivered" ? totals.sent : totals.messages;
  return whole === 0 ? null : totals[step] / whole;
}
