import type { FailureExample } from "@ticktally/schemas";
import { reasonWord, STATUS_WORDS } from "../../format/words.ts";
import { Table, type Column } from "../../parts/table.tsx";
import { Ticks } from "../../parts/ticks.tsx";
import { Time } from "../../parts/time.tsx";
import { go, linkTo } from "../../state/location.ts";

export const EXAMPLE_COLUMNS: readonly Column<FailureExample>[] = [
  { name: "at", title: "When", cell: ({ at }) => <Time at={at} />, csv: ({ at }) => at },
  { name: "instance", title: "Instance", cell: ({ instance }) => instance, csv: ({ instance }) => instance },
  { name: "status", title: "Status", cell: ({ status }) => <Ticks status={status} />, csv: ({ status }) => status },
  {
    name: "reason",
    title: "Reason",
    cell: ({ reason, status }) => (reasonWord(reason) === STATUS_WORDS[status].title ? "" : reasonWord(reason)),
    csv: ({ reason }) => reason,
  },
  {
    name: "words",
    title: "Gateway’s words",
    cell: ({ description }) => (description === undefined ? <span class="quiet">none</span> : <q>{description}</q>),
    csv: ({ description }) => description,
  },
  {
    name: "id",
    title: "Id",
    cell: ({ idMessage }) => <code class="id">{idMessage}</code>,
    csv: ({ idMessage }) => idMessage,
  },
];

/** The newest failures; each opens its message. */
export function Examples({
  examples,
  reason,
}: {
  readonly examples: readonly FailureExample[];
  readonly reason: string | undefined;
}) {
  const shown = examples.filter((example) => reason === undefined || example.reason === reason);
  if (shown.length === 0)
    return (
      <p class="calm-line">
        {examples.length === 0
          ? "None in this period."
          : `None of the newest ${String(examples.length)} has this reason.`}
      </p>
    );
  return (
    <Table
      caption="Newest failures"
      columns={EXAMPLE_COLUMNS}
      rows={shown}
      keyOf={({ instance, idMessage }) => `${instance} ${idMessage}`}
      onOpen={({ instance, idMessage }) => {
        go(linkTo(["messages", instance, idMessage], { instance }));
      }}
    />
  );
}
