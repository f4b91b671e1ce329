import type { Instance } from "@ticktally/schemas";
import { useState } from "preact/hooks";
import { Copied } from "../../parts/copied.tsx";
import { useChange } from "../../rest/change.ts";
import { reloadInstances } from "../../rest/instances.ts";
import { request } from "../../rest/request.ts";
import { DeleteNamed } from "./delete-named.tsx";
import { GatewayCheck } from "./gateway-check.tsx";

interface FormProps {
  readonly instance: Instance;
  readonly onDeleted: () => void;
}

/** Everything that can be changed about an instance, one form each. */
export function InstanceForm({ instance, onDeleted }: FormProps) {
  const path = `/instances/${encodeURIComponent(instance.idInstance)}`;
  return (
    <>
      <Changes instance={instance} path={path} />
      <Upstream instance={instance} path={path} />
      {instance.settings.upstream === null ? null : <GatewayCheck path={path} />}
      <Token path={path} />
      <DeleteNamed
        name={instance.name}
        path={path}
        what="All its messages, counts and tokens are deleted."
        onDeleted={() => {
          reloadInstances();
          onDeleted();
        }}
      />
    </>
  );
}

interface PartProps {
  readonly instance: Instance;
  readonly path: string;
}

/** A form whose fields become the body of a change. */
function useForm(path: string, bodyOf: (given: FormData) => unknown) {
  const { fault, isBusy, make } = useChange();
  const [isSaved, setSaved] = useState(false);
  const submit = (event: Event) => {
    event.preventDefault();
    const given = new FormData(event.currentTarget as HTMLFormElement);
    setSaved(false);
    void make(async () => request(path, { method: "PATCH", body: bodyOf(given) })).then((answer) => {
      setSaved(answer !== undefined);
      reloadInstances();
    });
  };
  return { fault, isBusy, isSaved, submit };
}

function Outcome({ fault, isSaved }: { readonly fault: string; readonly isSaved: boolean }) {
  return (
    <p class={fault === "" ? "note" : "fault"} role="status">
      {fault === "" ? (isSaved ? "Saved." : "") : fault}
    </p>
  );
}

function Changes({ instance, path }: PartProps) {
  const { fault, isBusy, isSaved, submit } = useForm(path, (given) => {
    const share = textOf(given, "failureShare");
    return {
      name: textOf(given, "name"),
      settings: {
        ignoreGroupMessages: given.get("ignoreGroupMessages") !== null,
        failureRatioMax: share === "" ? null : Number(share) / 100,
      },
    };
  });
  const ratio = instance.settings.failureRatioMax;
  return (
    <form class="form" onSubmit={submit}>
      <label>
        Name
        <input class="field" name="name" defaultValue={instance.name} required maxLength={200} autocomplete="off" />
        <span class="quiet small">Used in addresses and in Prometheus; the id {instance.idInstance} keeps working</span>
      </label>
      <label>
        Alert above this share of failures (percent)
        <input
          class="field"
          name="failureShare"
          type="number"
          min="0.1"
          max="100"
          step="any"
          defaultValue={ratio === null ? "" : String(ratio * 100)}
          placeholder="as for all"
        />
      </label>
      <label class="check">
        <input type="checkbox" name="ignoreGroupMessages" defaultChecked={instance.settings.ignoreGroupMessages} />
        Ignore group messages
      </label>
      <Outcome fault={fault} isSaved={isSaved} />
      <button class="button primary" disabled={isBusy}>
        Save
      </button>
    </form>
  );
}

function Upstream({ instance, path }: PartProps) {
  const { upstream } = instance.settings;
  const { fault, isBusy, isSaved, submit } = useForm(path, (given) => ({
    settings: {
      upstream: {
        apiUrl: textOf(given, "apiUrl"),
        apiTokenInstance: textOf(given, "apiTokenInstance"),
        pull: given.get("pull") !== null,
        reconcileEveryMinutes: Number(textOf(given, "reconcileEveryMinutes")),
      },
    },
  }));
  return (
    <form class="form" onSubmit={submit}>
      <h3>Upstream</h3>
      <p class="quiet small">The gateway’s API for this instance: Ticktally reads there what it missed.</p>
      <label>
        Address
        <input
          class="field"
          name="apiUrl"
          type="url"
          required
          defaultValue={upstream?.apiUrl ?? ""}
          placeholder="https://7103.api.greenapi.com"
        />
      </label>
      <label>
        The gateway’s token of the instance
        <input
          class="field"
          name="apiTokenInstance"
          type="password"
          required
          autocomplete="off"
          placeholder="apiTokenInstance"
        />
        <span class="quiet small">Sent to the gateway, never shown</span>
      </label>
      <label>
        Compare with its journal every … minutes
        <input
          class="field"
          name="reconcileEveryMinutes"
          type="number"
          min="0"
          max="1440"
          defaultValue={String(upstream?.reconcileEveryMinutes ?? 60)}
        />
        <span class="quiet small">0: never</span>
      </label>
      <label class="check">
        <input type="checkbox" name="pull" defaultChecked={upstream?.pull ?? false} />
        Fetch notifications instead of receiving webhooks
      </label>
      <Outcome fault={fault} isSaved={isSaved} />
      <p class="buttons">
        <button class="button" disabled={isBusy}>
          Save upstream
        </button>
        {upstream === null ? null : <Forget path={path} />}
      </p>
    </form>
  );
}

function Forget({ path }: { readonly path: string }) {
  const { fault, isBusy, make } = useChange();
  return (
    <>
      <button
        type="button"
        class="button quiet"
        disabled={isBusy}
        onClick={() => {
          void make(async () => request(path, { method: "PATCH", body: { settings: { upstream: null } } })).then(
            reloadInstances,
          );
        }}
      >
        Remove upstream
      </button>
      <span class="fault">{fault}</span>
    </>
  );
}

function Token({ path }: { readonly path: string }) {
  const { fault, isBusy, make } = useChange();
  const [token, setToken] = useState<string>();
  return (
    <section class="form">
      <h3>Token</h3>
      <p class="quiet small">
        A new one reads this instance and posts its webhooks. The previous one stays valid, older ones end.
      </p>
      {token === undefined ? (
        <button
          type="button"
          class="button"
          disabled={isBusy}
          onClick={() => {
            void make(async () => request<{ token: string }>(`${path}/token`, { method: "POST" })).then((answer) => {
              setToken(answer?.token);
            });
          }}
        >
          New token
        </button>
      ) : (
        <>
          <p class="small">It is shown only once:</p>
          <Copied text={token} what="token" />
        </>
      )}
      <p class="fault" role="alert">
        {fault}
      </p>
    </section>
  );
}

/** The value of a field, without surrounding spaces. */
export function textOf(given: FormData, name: string): string {
  const value = given.get(name);
  return typeof value === "string" ? value.trim() : "";
}
