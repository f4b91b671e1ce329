import { useState } from "preact/hooks";
import { Answered, Card } from "../../parts/card.tsx";
import { Copied } from "../../parts/copied.tsx";
import { SureButton } from "../../parts/sure-button.tsx";
import { Table, type Column } from "../../parts/table.tsx";
import { TableCsv } from "../../parts/table-csv.tsx";
import { Time } from "../../parts/time.tsx";
import { useChange } from "../../rest/change.ts";
import { request } from "../../rest/request.ts";
import { useResource } from "../../rest/resource.ts";

interface ReadToken {
  readonly id: string;
  readonly name: string;
  readonly createdAt: string;
  readonly lastUsedAt: string | null;
}

const COLUMNS: readonly Column<ReadToken>[] = [
  { name: "name", title: "Name", cell: ({ name }) => <strong>{name}</strong>, csv: ({ name }) => name },
  {
    name: "created",
    title: "Created",
    cell: ({ createdAt }) => <Time at={createdAt} />,
    csv: ({ createdAt }) => createdAt,
  },
  {
    name: "used",
    title: "Last used",
    cell: ({ lastUsedAt }) => (lastUsedAt === null ? <span class="quiet">not yet</span> : <Time at={lastUsedAt} />),
    csv: ({ lastUsedAt }) => lastUsedAt,
  },
];

/** Tokens that can read everything and change nothing: one for each dashboard or program. */
export function ReadTokens() {
  const found = useResource<{ tokens: readonly ReadToken[] }>("/tokens", { everySeconds: 30 });
  const { fault, isBusy, make } = useChange();
  const [made, setMade] = useState<{ readonly name: string; readonly token: string }>();
  const create = (event: Event) => {
    event.preventDefault();
    const form = event.currentTarget as HTMLFormElement;
    const name = form.querySelector("input")?.value.trim() ?? "";
    void make(async () =>
      request<{ token: string }>("/tokens", { method: "POST", body: { name, scope: "read" } }),
    ).then((answer) => {
      if (answer === undefined) return;
      form.reset();
      setMade({ name, token: answer.token });
      found.reload();
    });
  };
  const revoke = (id: string) => {
    void make(async () => request(`/tokens/${encodeURIComponent(id)}`, { method: "DELETE" })).then(found.reload);
  };
  const columns: readonly Column<ReadToken>[] = [
    ...COLUMNS,
    {
      name: "revoke",
      title: "Revoke",
      isTitleHidden: true,
      isNumber: true,
      cell: ({ id, name }) => (
        <SureButton
          title="Revoke"
          sure="Revoke now"
          label={`Revoke ${name}`}
          onSure={() => {
            revoke(id);
          }}
        />
      ),
    },
  ];
  return (
    <Card
      title="Read tokens"
      note="They read everything and change nothing. Create one for each dashboard or program"
      actions={
        (found.answer?.tokens.length ?? 0) === 0 ? null : (
          <TableCsv name="read tokens" columns={COLUMNS} rows={found.answer?.tokens ?? []} />
        )
      }
    >
      <form class="inline-form" onSubmit={create}>
        <input
          class="field"
          aria-label="What the token is for"
          placeholder="What it is for"
          required
          maxLength={64}
          autocomplete="off"
        />
        <button class="button" disabled={isBusy}>
          Create token
        </button>
      </form>
      <p class="fault" role="alert">
        {fault}
      </p>
      {made === undefined ? null : (
        <div class="shown-once">
          <p>
            The token of <strong>{made.name}</strong>. It is shown only once:
          </p>
          <Copied text={made.token} what="token" />
        </div>
      )}
      <Answered of={found} height={84}>
        {({ tokens }) =>
          tokens.length === 0 ? (
            <p class="quiet">None yet.</p>
          ) : (
            <Table caption="Read tokens" columns={columns} rows={tokens} keyOf={({ id }) => id} />
          )
        }
      </Answered>
    </Card>
  );
}
