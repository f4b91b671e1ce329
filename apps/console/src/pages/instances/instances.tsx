import type { Instance } from "@ticktally/schemas";
import { count, percent } from "../../format/numbers.ts";
import { stateWord } from "../../format/words.ts";
import { Icon } from "../../parts/icon.tsx";
import { Sparkline } from "../../parts/sparkline.tsx";
import { Empty, Fault, Loading } from "../../parts/states.tsx";
import { Table, type Column } from "../../parts/table.tsx";
import { Time } from "../../parts/time.tsx";
import { choice, choose, go, linkTo } from "../../state/location.ts";
import { DAY_MS, dateIn, HOUR_MS, hourOf, instances, isChosen, periodOf, timeZone } from "../../state/scope.ts";
import { csvOf, useGroups, type Group } from "../../rest/series.ts";
import { CsvLink } from "../../parts/card.tsx";
import { allInstances, INSTANCES_MAX, reloadInstances } from "../../rest/instances.ts";

interface Row {
  readonly instance: Instance;
  readonly group: Group | undefined;
  readonly week: Group | undefined;
  /** Whether the numbers are loaded: an instance without a group sent nothing. */
  readonly isCounted: boolean;
}

const COLUMNS: readonly Column<Row>[] = [
  {
    name: "name",
    title: "Instance",
    cell: ({ instance }) => <strong>{instance.name}</strong>,
    order: ({ instance }) => instance.name,
  },
  {
    name: "state",
    title: "State",
    cell: ({ instance }) => <State state={instance.state} />,
    order: ({ instance }) => instance.state ?? "",
  },
  numberOf("sent", "Sent", ({ group }) => group?.totals.sent),
  shareOf("delivered", "Delivered", ({ group }) => group?.rates.deliveredRate),
  shareOf("read", "Read", ({ group }) => group?.rates.readRate),
  shareOf("failed", "Failed", ({ group }) => group?.rates.failureRate),
  {
    name: "last",
    title: "Last webhook",
    cell: ({ instance }) => <Time at={instance.lastWebhookAt} />,
    order: ({ instance }) => instance.lastWebhookAt ?? "",
  },
  {
    name: "line",
    title: "7 days",
    cell: ({ week }) => <Sparkline values={week?.points.map(({ sent }) => sent) ?? []} colour="--sent" />,
  },
];

/** The maximum number of groups in an answer. */
const GROUPS_MAX = 1_000;

/** Every instance with its numbers in the chosen period: sortable, searchable. */
export function Instances() {
  const all = allInstances.value;
  const now = Date.now();
  const period = periodOf(now);
  const query = {
    instances: instances.value,
    from: period.from,
    to: period.to,
    step: "total",
    cohort: "message",
    groupBy: "instance",
    limit: GROUPS_MAX,
  } as const;
  const groups = useGroups(query, { isLive: true });
  const zone = timeZone.value;
  const week = useGroups(
    { ...query, step: "day", from: dateIn(zone, now - 6 * DAY_MS), to: hourOf(now + HOUR_MS) },
    { everySeconds: 300 },
  );
  const isCounted = groups.answer !== undefined;
  const search = (choice("q") ?? "").toLowerCase();
  const [byName, lines] = [groups, week].map(
    ({ answer }) => new Map(answer?.map((group) => [group.key.instance, group])),
  );
  const rows = (all.answer ?? [])
    .filter(({ name, idInstance }) => name.toLowerCase().includes(search) || idInstance.includes(search))
    .filter(isChosen)
    .map((instance) => ({ instance, group: byName?.get(instance.name), week: lines?.get(instance.name), isCounted }));
  const isCut = groups.answer?.some(({ key }) => key.other === true) === true;
  const sort = { by: choice("sort") ?? "sent", isDescending: choice("order") !== "up" };

  return (
    <>
      <div class="page-head">
        <div>
          <h1>Instances</h1>
          <p class="answer">
            {all.answer === undefined ? <>&nbsp;</> : shownOf(rows.length, all.answer.length, isCut)}
          </p>
        </div>
        <span class="card-actions">
          <input
            class="field"
            type="search"
            aria-label="Search instances"
            placeholder="Name or id ( / )"
            value={choice("q") ?? ""}
            onInput={(event) => {
              choose({ q: event.currentTarget.value }, { replace: true });
            }}
          />
          <CsvLink href={csvOf(query)} />
        </span>
      </div>
      {all.error !== undefined && all.answer === undefined ? (
        <Fault error={all.error} retry={reloadInstances} />
      ) : all.answer === undefined ? (
        <Loading lines={10} />
      ) : rows.length === 0 ? (
        <NoInstances isSearch={search !== "" || instances.value !== "all"} />
      ) : (
        <div class="card flush">
          <Table
            caption="Instances"
            columns={COLUMNS}
            rows={rows}
            keyOf={({ instance }) => instance.idInstance}
            sort={sort}
            onSort={(by, isDescending) => {
              choose({ sort: by, order: isDescending ? undefined : "up" });
            }}
            onOpen={({ instance }) => {
              go(linkTo(["overview"], { instances: instance.name }));
            }}
          />
        </div>
      )}
    </>
  );
}

function shownOf(shown: number, all: number, isCut: boolean): string {
  const whole = all >= INSTANCES_MAX ? `the first ${count(all)}` : count(all);
  const cut = isCut ? ` Numbers are shown for the ${count(GROUPS_MAX)} that sent the most.` : "";
  return shown === all
    ? `${whole} ${all === 1 ? "instance" : "instances"}.${cut}`
    : `${count(shown)} of ${whole}.${cut}`;
}

function NoInstances({ isSearch }: { readonly isSearch: boolean }) {
  if (isSearch) return <Empty title="No instance matches the search." />;
  return (
    <Empty title="No instance yet.">
      <p>
        An instance appears with its first webhook: let the gateway post to <code>/webhooks/green-api</code> on the
        ingest port with the webhook token.
      </p>
    </Empty>
  );
}

function State({ state }: { readonly state: string | null }) {
  if (state === null) return <span class="quiet">not reported</span>;
  const isGood = state === "authorized";
  return (
    <span class={isGood ? "state-word good" : "state-word bad"}>
      <Icon path={isGood ? "M5 13l4 4L19 7" : "M12 7v7M12 17v.01"} size={14} /> {stateWord(state)}
    </span>
  );
}

function numberOf(name: string, title: string, value: (row: Row) => number | undefined): Column<Row> {
  return {
    name,
    title,
    isNumber: true,
    cell: (row) => (row.isCounted ? count(value(row) ?? 0) : "…"),
    order: (row) => value(row) ?? 0,
  };
}

function shareOf(name: string, title: string, value: (row: Row) => number | null | undefined): Column<Row> {
  return { name, title, isNumber: true, cell: (row) => percent(value(row)), order: (row) => value(row) ?? -1 };
}
