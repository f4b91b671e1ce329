import type { deadAnswer } from "@ticktally/schemas";
import { useState } from "preact/hooks";
import { count } from "../../format/numbers.ts";
import { Answered } from "../../parts/card.tsx";
import { SureButton } from "../../parts/sure-button.tsx";
import { Table, type Column } from "../../parts/table.tsx";
import { TableCsv } from "../../parts/table-csv.tsx";
import { Time } from "../../parts/time.tsx";
import { useChange } from "../../rest/change.ts";
import { request } from "../../rest/request.ts";
import { useResource } from "../../rest/resource.ts";

type Page = ReturnType<typeof deadAnswer.parse>;
type DeadLetter = Page["dead"][number];

const SHOWN = 100;

const REASONS: Readonly<Record<DeadLetter["reason"], string>> = {
  expired: "Not accepted for 24 hours",
  key_lost: "Its key is missing",
};

const COLUMNS: readonly Column<DeadLetter>[] = [
  { name: "at", title: "Given up", cell: ({ deadAt }) => <Time at={deadAt} />, csv: ({ deadAt }) => deadAt },
  { name: "instance", title: "Instance", cell: ({ instance }) => instance, csv: ({ instance }) => instance },
  { name: "type", title: "Type", cell: ({ type }) => type, csv: ({ type }) => type },
  { name: "why", title: "Why", cell: ({ reason }) => REASONS[reason], csv: ({ reason }) => reason },
  {
    name: "status",
    title: "Last answer",
    cell: ({ lastStatus }) => lastStatus ?? <span class="quiet">none</span>,
    csv: ({ lastStatus }) => lastStatus,
  },
];

/** A target's dead letters: one, several or all can be sent again or discarded. */
export function DeadLetters({ path, onChanged }: { readonly path: string; readonly onChanged: () => void }) {
  const found = useResource<Page>(`${path}/dead`, { query: { limit: SHOWN }, everySeconds: 15 });
  const [chosen, setChosen] = useState<ReadonlySet<string>>(new Set());
  const [note, setNote] = useState("");
  const { fault, isBusy, make } = useChange();
  const dead = found.answer?.dead ?? [];
  const act = (what: () => Promise<string>) => {
    void make(what).then((said) => {
      setNote(said ?? "");
      setChosen(new Set());
      found.reload();
      onChanged();
    });
  };
  const replay = (ids: readonly string[] | undefined) => {
    act(async () => {
      const body = ids === undefined ? {} : { ids };
      const answer = await request<{ replayed: number; left: number }>(`${path}/dead/replay`, { method: "POST", body });
      const left = answer.left === 0 ? "" : `, ${count(answer.left)} cannot be`;
      return `${count(answer.replayed)} are sent again${left}.`;
    });
  };
  const discard = (ids: readonly string[] | undefined) => {
    act(async () => {
      if (ids === undefined) {
        const { discarded } = await request<{ discarded: number }>(`${path}/dead`, { method: "DELETE" });
        return `${count(discarded)} discarded.`;
      }
      for (const id of ids) await request(`${path}/dead/${encodeURIComponent(id)}`, { method: "DELETE" });
      return `${count(ids.length)} discarded.`;
    });
  };
  const columns: readonly Column<DeadLetter>[] = [
    {
      name: "chosen",
      title: "Choose",
      isTitleHidden: true,
      cell: ({ id, deadAt, instance }) => (
        <input
          type="checkbox"
          aria-label={`Choose the webhook of ${instance}, ${deadAt}`}
          checked={chosen.has(id)}
          onChange={() => {
            const next = new Set(chosen);
            if (!next.delete(id)) next.add(id);
            setChosen(next);
          }}
        />
      ),
    },
    ...COLUMNS,
  ];
  return (
    <section class="form">
      <h3>Given up</h3>
      <Answered of={found} height={64}>
        {({ nextCursor }) =>
          dead.length === 0 ? (
            <p class="quiet">None.</p>
          ) : (
            <>
              <p class="buttons">
                <Acts ids={[...chosen]} isBusy={isBusy} onReplay={replay} onDiscard={discard} />
                <TableCsv name="dead letters" columns={COLUMNS} rows={dead} />
              </p>
              <Table caption="Dead letters" columns={columns} rows={dead} keyOf={({ id }) => id} />
              {nextCursor === null ? null : <p class="quiet small">The newest {dead.length} are shown.</p>}
            </>
          )
        }
      </Answered>
      <p class={fault === "" ? "note" : "fault"} role="status">
        {fault === "" ? note : fault}
      </p>
    </section>
  );
}

interface ActsProps {
  readonly ids: readonly string[];
  readonly isBusy: boolean;
  /** @param ids `undefined` for all, as in `onDiscard` */
  readonly onReplay: (ids: readonly string[] | undefined) => void;
  readonly onDiscard: (ids: readonly string[] | undefined) => void;
}

function Acts({ ids, isBusy, onReplay, onDiscard }: ActsProps) {
  const some = ids.length > 0;
  return (
    <>
      <button
        type="button"
        class="button"
        disabled={isBusy}
        onClick={() => {
          onReplay(some ? ids : undefined);
        }}
      >
        {some ? `Send ${count(ids.length)} again` : "Send all again"}
      </button>
      <SureButton
        title={some ? `Discard ${count(ids.length)}` : "Discard all"}
        sure="Discard now"
        disabled={isBusy}
        onSure={() => {
          onDiscard(some ? ids : undefined);
        }}
      />
    </>
  );
}
