import type { TargetView } from "@ticktally/schemas";
import { useState } from "preact/hooks";
import { count } from "../../format/numbers.ts";
import { Answered, Card } from "../../parts/card.tsx";
import { Copied } from "../../parts/copied.tsx";
import { Drawer } from "../../parts/drawer.tsx";
import { Table, type Column } from "../../parts/table.tsx";
import { TableCsv } from "../../parts/table-csv.tsx";
import { Time } from "../../parts/time.tsx";
import { useChange } from "../../rest/change.ts";
import { request } from "../../rest/request.ts";
import { useResource } from "../../rest/resource.ts";
import { textOf } from "./instance-form.tsx";
import { TargetForm } from "./target-form.tsx";

const STATES: Readonly<Record<TargetView["state"], string>> = {
  active: "Active",
  paused: "Paused",
  disabled: "Stopped: it answered 410",
};

const COLUMNS: readonly Column<TargetView>[] = [
  { name: "name", title: "Name", cell: ({ name }) => <strong>{name}</strong>, csv: ({ name }) => name },
  { name: "url", title: "Address", cell: ({ url }) => url, csv: ({ url }) => url },
  {
    name: "state",
    title: "State",
    cell: ({ state }) => <span class={state === "active" ? "good" : "bad"}>{STATES[state]}</span>,
    csv: ({ state }) => state,
  },
  { name: "depth", title: "Waiting", isNumber: true, cell: ({ depth }) => count(depth), csv: ({ depth }) => depth },
  { name: "oldest", title: "Oldest", cell: ({ oldestAt }) => <Time at={oldestAt} />, csv: ({ oldestAt }) => oldestAt },
  {
    name: "status",
    title: "Last answer",
    cell: ({ lastStatus }) => lastStatus ?? <span class="quiet">none yet</span>,
    csv: ({ lastStatus }) => lastStatus,
  },
  { name: "dead", title: "Given up", isNumber: true, cell: ({ dead }) => count(dead), csv: ({ dead }) => dead },
];

/** The targets that webhooks are forwarded to. */
export function Targets() {
  const found = useResource<{ targets: readonly TargetView[] }>("/targets", { everySeconds: 10 });
  const [open, setOpen] = useState<string>();
  const opened = found.answer?.targets.find(({ name }) => name === open);
  const close = () => {
    setOpen(undefined);
  };
  return (
    <Card
      title="Targets"
      note="Webhooks are forwarded to these addresses"
      actions={
        <>
          <button
            type="button"
            class="button"
            onClick={() => {
              setOpen("");
            }}
          >
            New target
          </button>
          {(found.answer?.targets.length ?? 0) === 0 ? null : (
            <TableCsv name="targets" columns={COLUMNS} rows={found.answer?.targets ?? []} />
          )}
        </>
      }
    >
      <Answered of={found} height={80}>
        {({ targets }) =>
          targets.length === 0 ? (
            <p class="quiet">None yet.</p>
          ) : (
            <Table
              caption="Targets"
              columns={COLUMNS}
              rows={targets}
              keyOf={({ name }) => name}
              onOpen={({ name }) => {
                setOpen(name);
              }}
            />
          )
        }
      </Answered>
      {open === "" ? (
        <Drawer title="New target" onClose={close}>
          <NewTarget onMade={found.reload} />
        </Drawer>
      ) : null}
      {opened === undefined ? null : (
        <Drawer title={opened.name} onClose={close}>
          <TargetForm key={opened.name} target={opened} onChanged={found.reload} onDeleted={close} />
        </Drawer>
      )}
    </Card>
  );
}

function NewTarget({ onMade }: { readonly onMade: () => void }) {
  const { fault, isBusy, make } = useChange();
  const [made, setMade] = useState<{ readonly name: string; readonly secret: string | undefined }>();
  const submit = (event: Event) => {
    event.preventDefault();
    const given = new FormData(event.currentTarget as HTMLFormElement);
    const authorization = textOf(given, "authorization");
    const body = {
      name: textOf(given, "name"),
      url: textOf(given, "url"),
      mode: "relay",
      ...(authorization === "" ? {} : { authorization }),
    };
    void make(async () => request<{ secret?: string }>("/targets", { method: "POST", body })).then((answer) => {
      if (answer === undefined) return;
      setMade({ name: body.name, secret: answer.secret });
      onMade();
    });
  };
  if (made !== undefined) {
    return (
      <>
        <p>
          From now on webhooks are forwarded to <strong>{made.name}</strong>.
        </p>
        {made.secret === undefined ? null : (
          <>
            <p>Requests are signed with this secret. It is shown only once:</p>
            <Copied text={made.secret} what="secret" />
          </>
        )}
      </>
    );
  }
  return (
    <form class="form" onSubmit={submit}>
      <label>
        Name
        <input class="field" name="name" required maxLength={64} autocomplete="off" placeholder="crm" autofocus />
        <span class="quiet small">Lowercase letters, digits and -</span>
      </label>
      <label>
        Address
        <input
          class="field"
          name="url"
          type="url"
          required
          maxLength={2048}
          placeholder="https://crm.example.com/hooks"
        />
      </label>
      <label>
        Authorization
        <input class="field" name="authorization" type="password" autocomplete="off" placeholder="Bearer …" />
        <span class="quiet small">Sent as the Authorization header; never shown</span>
      </label>
      <p class="fault" role="alert">
        {fault}
      </p>
      <button class="button primary" disabled={isBusy}>
        Create
      </button>
    </form>
  );
}
