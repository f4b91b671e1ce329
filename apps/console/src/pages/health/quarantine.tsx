import type { QuarantineView } from "@ticktally/schemas";
import { useState } from "preact/hooks";
import { count } from "../../format/numbers.ts";
import { Answered, Card } from "../../parts/card.tsx";
import { Drawer } from "../../parts/drawer.tsx";
import { Fault, Loading } from "../../parts/states.tsx";
import { SureButton } from "../../parts/sure-button.tsx";
import { Table, type Column } from "../../parts/table.tsx";
import { TableCsv } from "../../parts/table-csv.tsx";
import { Time } from "../../parts/time.tsx";
import { request, RequestError } from "../../rest/request.ts";
import { useResource } from "../../rest/resource.ts";
import { mayChange } from "../../state/session.ts";

interface Page {
  readonly size: number;
  readonly entries: readonly QuarantineView[];
  readonly nextCursor: string | null;
}

const REASONS: Readonly<Record<QuarantineView["reason"], string>> = {
  job_unreadable: "A job could not be read",
  unreadable: "It is not JSON",
  not_an_object: "It is not a JSON object",
  no_type: "It has no type",
  no_instance: "It names no instance",
  unknown_instance: "Its instance is not registered",
  invalid_shape: "It has an unexpected shape",
  unknown_status: "It has an unknown status",
  store_rejected: "It could not be stored",
  other_instance: "It belongs to another instance",
  no_chat: "It names no chat",
};

const SHOWN = 100;

/** Webhooks that could not be understood: why, and what to do with them. */
export function Quarantine({ size }: { readonly size: number | undefined }) {
  const page = useResource<Page>("/quarantine", { query: { limit: SHOWN }, everySeconds: 15 });
  const [open, setOpen] = useState<string>();
  const [note, setNote] = useState("");
  const act = (what: Promise<string>) => {
    what
      .then(setNote, (error: unknown) => {
        setNote(error instanceof RequestError ? error.message : "That did not work.");
      })
      .finally(page.reload);
  };
  const total = page.answer?.size ?? size ?? 0;
  return (
    <Card
      title="Quarantine"
      note={
        total === 0
          ? "Webhooks that could not be understood"
          : `${count(total)} webhooks could not be understood and are not counted`
      }
      actions={
        total === 0 ? null : (
          <>
            {mayChange() ? (
              <button
                type="button"
                class="button"
                onClick={() => {
                  act(replay({ all: true }));
                }}
              >
                Try all again
              </button>
            ) : null}
            <TableCsv name="quarantine" columns={COLUMNS} rows={page.answer?.entries ?? []} />
          </>
        )
      }
    >
      <p class="note" role="status">
        {note}
      </p>
      <Answered of={page} height={120}>
        {({ entries, size: all }) =>
          entries.length === 0 ? (
            <p class="calm-line">Nothing is in quarantine.</p>
          ) : (
            <>
              <Table
                caption="Quarantine, newest first"
                columns={COLUMNS}
                rows={entries}
                keyOf={({ id }) => id}
                onOpen={({ id }) => {
                  setOpen(id);
                }}
              />
              {all > entries.length ? (
                <p class="quiet small">
                  The newest {entries.length} of {count(all)}.
                </p>
              ) : null}
            </>
          )
        }
      </Answered>
      {open === undefined ? null : (
        <Entry
          id={open}
          onClose={() => {
            setOpen(undefined);
          }}
          act={(what) => {
            setOpen(undefined);
            act(what);
          }}
        />
      )}
    </Card>
  );
}

const COLUMNS: readonly Column<QuarantineView>[] = [
  {
    name: "at",
    title: "Received",
    cell: ({ receivedAt }) => <Time at={receivedAt} />,
    csv: ({ receivedAt }) => receivedAt,
  },
  { name: "reason", title: "Why", cell: ({ reason }) => REASONS[reason], csv: ({ reason }) => reason },
  { name: "detail", title: "Detail", cell: ({ detail }) => detail, csv: ({ detail }) => detail },
  {
    name: "instance",
    title: "Instance",
    cell: ({ idInstance }) => idInstance ?? <span class="quiet">unknown</span>,
    csv: ({ idInstance }) => idInstance,
  },
];

interface EntryProps {
  readonly id: string;
  readonly onClose: () => void;
  readonly act: (what: Promise<string>) => void;
}

function Entry({ id, onClose, act }: EntryProps) {
  const found = useResource<{ entry: QuarantineView & { readonly webhook?: unknown } }>(
    `/quarantine/${encodeURIComponent(id)}`,
  );
  return (
    <Drawer title="Webhook in quarantine" onClose={onClose}>
      {found.answer === undefined ? (
        found.error === undefined ? (
          <Loading />
        ) : (
          <Fault error={found.error} retry={found.reload} />
        )
      ) : (
        <>
          <p class="standing">{REASONS[found.answer.entry.reason]}</p>
          <p class="quiet">{found.answer.entry.detail}</p>
          <pre class="json" tabIndex={0}>
            {JSON.stringify(found.answer.entry.webhook, undefined, 2)}
          </pre>
          {mayChange() ? (
            <p class="buttons">
              <button
                type="button"
                class="button primary"
                onClick={() => {
                  act(replay({ ids: [id] }));
                }}
              >
                Try again
              </button>
              <SureButton
                title="Discard"
                sure="Discard now"
                onSure={() => {
                  act(
                    request(`/quarantine/${encodeURIComponent(id)}`, { method: "DELETE" }).then(
                      () => "The webhook was discarded.",
                    ),
                  );
                }}
              />
            </p>
          ) : null}
        </>
      )}
    </Drawer>
  );
}

async function replay(which: { readonly ids?: readonly string[]; readonly all?: true }): Promise<string> {
  const { replayed, skipped } = await request<{ replayed: number; skipped: number }>("/quarantine/replay", {
    method: "POST",
    body: which,
  });
  return `${count(replayed)} put back into the queue${skipped === 0 ? "." : `; ${count(skipped)} cannot be.`}`;
}
