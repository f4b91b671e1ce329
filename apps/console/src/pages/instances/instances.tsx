import type { Instance } from "@ticktally/schemas";
import { count, percent } from "../../format/numbers.ts";
import { plainWord } from "../../format/words.ts";
import { Sparkline } from "../../parts/sparkline.tsx";
import { Empty, Fault, Loading } from "../../parts/states.tsx";
import { Table, type Column } from "../../parts/table.tsx";
import { Time } from "../../parts/time.tsx";
import { choice, choose, go, linkTo } from "../../state/location.ts";
import { periodOf } from "../../state/scope.ts";
import { useGroups, type Group } from "../../rest/series.ts";
import { useAllInstances } from "../../rest/instances.ts";

interface Row {
  readonly instance: Instance;
  readonly group: Group | undefined;
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
  shareOf("delivered", "Delivered", ({ group }) => group?.rates?.deliveredRate),
  shareOf("read", "Read", ({ group }) => group?.rates?.readRate),
  shareOf("failed", "Failed", ({ group }) => group?.rates?.failureRate),
  {
    name: "last",
    title: "Last webhook",
    cell: ({ instance }) => <Time at={instance.lastWebhookAt} />,
    order: ({ instance }) => instance.lastWebhookAt ?? "",
  },
  {
    name: "line",
    title: "Sent over time",
    cell: ({ group }) => <Sparkline values={group?.points.map(({ sent }) => sent ?? 0) ?? []} colour="--sent" />,
  },
];

/** Every instance with how it fares in the chosen period: sortable, searchable. */
export function Instances() {
  const all = useAllInstances();
  const groups = useGroups({
    instances: "all",
    groupBy: "instance",
    limit: 1_000,
    cohort: "message",
    ...periodOf(Date.now()),
  });
  const search = (choice("q") ?? "").toLowerCase();
  const byName = new Map(groups.answer?.map((group) => [group.key["instance"], group]));
  const rows = (all.answer ?? [])
    .filter(({ name, idInstance }) => name.toLowerCase().includes(search) || idInstance.includes(search))
    .map((instance) => ({ instance, group: byName.get(instance.name) }));
  const sort = { by: choice("sort") ?? "sent", isDescending: choice("order") !== "up" };

  return (
    <>
      <div class="page-head">
        <h1>Instances</h1>
        <input
          class="field"
          type="search"
          aria-label="Search instances"
          placeholder="Search ( / )"
          value={choice("q") ?? ""}
          onInput={(event) => {
            choose({ q: event.currentTarget.value }, { replace: true });
          }}
        />
      </div>
      {all.error !== undefined && all.answer === undefined ? (
        <Fault error={all.error} retry={all.reload} />
      ) : all.answer === undefined ? (
        <Loading lines={10} />
      ) : rows.length === 0 ? (
        <NoInstances isSearch={search !== ""} />
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

function NoInstances({ isSearch }: { readonly isSearch: boolean }) {
  if (isSearch) return <Empty title="No instance fits the search." />;
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
  return <span class={isGood ? "good" : "bad"}>{isGood ? "Authorized" : plainWord(state)}</span>;
}

function numberOf(name: string, title: string, value: (row: Row) => number | undefined): Column<Row> {
  return { name, title, isNumber: true, cell: (row) => count(value(row) ?? 0), order: (row) => value(row) ?? 0 };
}

function shareOf(name: string, title: string, value: (row: Row) => number | null | undefined): Column<Row> {
  return { name, title, isNumber: true, cell: (row) => percent(value(row)), order: (row) => value(row) ?? -1 };
}
