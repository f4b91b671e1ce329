import type { Instance } from "@ticktally/schemas";
import { useState } from "preact/hooks";
import { count } from "../../format/numbers.ts";
import { Card } from "../../parts/card.tsx";
import { Copied } from "../../parts/copied.tsx";
import { Drawer } from "../../parts/drawer.tsx";
import { Empty, Fault, Loading } from "../../parts/states.tsx";
import { Table, type Column } from "../../parts/table.tsx";
import { useChange } from "../../rest/change.ts";
import { allInstances, reloadInstances } from "../../rest/instances.ts";
import { request } from "../../rest/request.ts";
import { choice, choose } from "../../state/location.ts";
import { InstanceForm, textOf } from "./instance-form.tsx";

const COLUMNS: readonly Column<Instance>[] = [
  { name: "name", title: "Name", cell: ({ name }) => <strong>{name}</strong>, order: ({ name }) => name },
  {
    name: "id",
    title: "Id",
    cell: ({ idInstance }) => <code class="id">{idInstance}</code>,
    order: ({ idInstance }) => idInstance,
  },
  {
    name: "upstream",
    title: "Upstream",
    cell: ({ settings: { upstream } }) => (upstream === null ? <span class="quiet">none</span> : upstream.apiUrl),
  },
  {
    name: "groups",
    title: "Group messages",
    cell: ({ settings }) => (settings.ignoreGroupMessages ? "ignored" : "counted"),
  },
];

/** Instances: create, rename, delete, tokens, upstream. */
export function InstanceSettings() {
  const { answer, error } = allInstances.value;
  const open = choice("edit");
  const search = (choice("q") ?? "").toLowerCase();
  const rows = (answer ?? []).filter(
    ({ name, idInstance }) => name.toLowerCase().includes(search) || idInstance.includes(search),
  );
  const opened = answer?.find(({ idInstance }) => idInstance === open);
  const close = () => {
    choose({ edit: undefined });
  };
  return (
    <Card
      title="Instances"
      note={answer === undefined ? "…" : `${count(answer.length)} registered`}
      actions={
        <>
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
          <button
            type="button"
            class="button primary"
            onClick={() => {
              choose({ edit: "new" });
            }}
          >
            New instance
          </button>
        </>
      }
    >
      <div class="scrolls list" tabIndex={0} role="region" aria-label="All instances">
        {answer === undefined ? (
          error === undefined ? (
            <Loading lines={8} />
          ) : (
            <Fault error={error} retry={reloadInstances} />
          )
        ) : rows.length === 0 ? (
          <Empty
            title={
              search === ""
                ? "No instance yet. It appears with its first webhook, or create it here."
                : "No instance matches the search."
            }
          />
        ) : (
          <Table
            caption="Instances"
            columns={COLUMNS}
            rows={rows}
            keyOf={({ idInstance }) => idInstance}
            onOpen={({ idInstance }) => {
              choose({ edit: idInstance });
            }}
          />
        )}
      </div>
      {open === "new" ? <NewInstance onClose={close} /> : null}
      {opened === undefined ? null : (
        <Drawer title={opened.name} onClose={close}>
          <InstanceForm key={opened.idInstance} instance={opened} onDeleted={close} />
        </Drawer>
      )}
    </Card>
  );
}

function NewInstance({ onClose }: { readonly onClose: () => void }) {
  const { fault, isBusy, make } = useChange();
  const [made, setMade] = useState<{ readonly name: string; readonly token: string }>();
  const submit = (event: Event) => {
    event.preventDefault();
    const given = new FormData(event.currentTarget as HTMLFormElement);
    const name = textOf(given, "name");
    const body = { idInstance: textOf(given, "idInstance"), ...(name === "" ? {} : { name }) };
    void make(async () => request<{ instance: Instance; token: string }>("/instances", { method: "POST", body })).then(
      (answer) => {
        if (answer === undefined) return;
        setMade({ name: answer.instance.name, token: answer.token });
        reloadInstances();
      },
    );
  };
  return (
    <Drawer title="New instance" onClose={onClose}>
      {made === undefined ? (
        <form class="form" onSubmit={submit}>
          <label>
            Id
            <input
              class="field"
              name="idInstance"
              required
              maxLength={200}
              autocomplete="off"
              placeholder="7103000001"
              autofocus
            />
            <span class="quiet small">
              The gateway’s idInstance; of other gateways their name, a colon and the id there
            </span>
          </label>
          <label>
            Name
            <input class="field" name="name" maxLength={64} autocomplete="off" placeholder="sales" />
            <span class="quiet small">Letters, digits, _, - and . ; without it the id</span>
          </label>
          <p class="fault" role="alert">
            {fault}
          </p>
          <button class="button primary" disabled={isBusy}>
            Create
          </button>
        </form>
      ) : (
        <>
          <p>
            <strong>{made.name}</strong> was created. This is its token, which reads this instance and posts its
            webhooks. It is shown only once:
          </p>
          <Copied text={made.token} what="token" />
        </>
      )}
    </Drawer>
  );
}
