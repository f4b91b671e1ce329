import { useState } from "preact/hooks";
import { Answered, Card } from "../../parts/card.tsx";
import { Copied } from "../../parts/copied.tsx";
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

/** Tokens that read everything and change nothing: one for each dashboard or program. */
export function ReadTokens() {
  const found = useResource<{ tokens: readonly ReadToken[] }>("/tokens", { everySeconds: 30 });
  const { fault, isBusy, make } = useChange();
  const [made, setMade] = useState<{ readonly name: string; readonly token: string }>();
  const [revoking, setRevoking] = useState<string>();
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
    setRevoking(undefined);
    void make(async () => request(`/tokens/${encodeURIComponent(id)}`, { method: "DELETE" })).then(found.reload);
  };
  return (
    <Card title="Read tokens" note="They read everything and change nothing: one for each dashboard or program">
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
            The token of <strong>{made.name}</strong>. It is shown only now:
          </p>
          <Copied text={made.token} what="token" />
        </div>
      )}
      <Answered of={found} height={80}>
        {({ tokens }) =>
          tokens.length === 0 ? (
            <p class="quiet">None yet.</p>
          ) : (
            <div class="scrolls" tabIndex={0} role="region" aria-label="List of read tokens">
              <table class="plain">
                <thead>
                  <tr>
                    <th scope="col">Name</th>
                    <th scope="col">Created</th>
                    <th scope="col">Last used</th>
                    <th scope="col">
                      <span class="visually-hidden">Revoke</span>
                    </th>
                  </tr>
                </thead>
                <tbody>
                  {tokens.map(({ id, name, createdAt, lastUsedAt }) => (
                    <tr key={id}>
                      <th scope="row">{name}</th>
                      <td>
                        <Time at={createdAt} />
                      </td>
                      <td>{lastUsedAt === null ? <span class="quiet">not yet</span> : <Time at={lastUsedAt} />}</td>
                      <td class="number">
                        <button
                          type="button"
                          class={revoking === id ? "button danger" : "button quiet"}
                          aria-label={`Revoke ${name}${revoking === id ? ", yes" : ""}`}
                          onClick={() => {
                            if (revoking === id) revoke(id);
                            else setRevoking(id);
                          }}
                        >
                          {revoking === id ? "Revoke, yes" : "Revoke"}
                        </button>
                      </td>
                    </tr>
                  ))}
                </tbody>
              </table>
            </div>
          )
        }
      </Answered>
    </Card>
  );
}
