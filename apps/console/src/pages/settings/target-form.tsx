import type { TargetView } from "@ticktally/schemas";
import { useState } from "preact/hooks";
import { count } from "../../format/numbers.ts";
import { Time } from "../../parts/time.tsx";
import { useChange } from "../../rest/change.ts";
import { request } from "../../rest/request.ts";
import { DeadLetters } from "./dead-letters.tsx";
import { DeleteNamed } from "./delete-named.tsx";

interface TargetFormProps {
  readonly target: TargetView;
  readonly onChanged: () => void;
  readonly onDeleted: () => void;
}

interface Tried {
  readonly test: { readonly ok: boolean; readonly status: string | number; readonly durationMs: number };
}

/** The state of a target, and its actions. */
export function TargetForm({ target, onChanged, onDeleted }: TargetFormProps) {
  const path = `/targets/${encodeURIComponent(target.name)}`;
  const { fault, isBusy, make } = useChange();
  const [note, setNote] = useState("");
  const act = (what: () => Promise<string>) => {
    void make(what).then((said) => {
      setNote(said ?? "");
      onChanged();
    });
  };
  const post = (what: string, said: string) => () => {
    act(async () => {
      await request(`${path}/${what}`, { method: "POST" });
      return said;
    });
  };
  const test = () => {
    act(async () => {
      const { test: found } = await request<Tried>(`${path}/test`, { method: "POST" });
      return `${found.ok ? "It answered" : "Not accepted"}: ${String(found.status)}, after ${String(found.durationMs)} ms.`;
    });
  };
  return (
    <>
      <dl class="facts">
        <dt>Address</dt>
        <dd>{target.url}</dd>
        <dt>Waiting</dt>
        <dd>
          {count(target.depth)}
          {target.oldestAt === null ? null : (
            <span class="quiet">
              {" "}
              · since <Time at={target.oldestAt} />
            </span>
          )}
        </dd>
        <dt>Last success</dt>
        <dd>
          <Time at={target.lastSuccessAt} />
        </dd>
        <dt>Given up</dt>
        <dd>{count(target.dead)}</dd>
        <dt>Not kept</dt>
        <dd>{count(target.dropped)}</dd>
      </dl>
      <section class="form">
        <p class="buttons">
          <button type="button" class="button" disabled={isBusy} onClick={test}>
            Send a test
          </button>
          {target.state === "active" ? (
            <button
              type="button"
              class="button"
              disabled={isBusy}
              onClick={post("pause", "Paused; new webhooks are kept.")}
            >
              Pause
            </button>
          ) : (
            <button type="button" class="button" disabled={isBusy} onClick={post("resume", "Resumed.")}>
              Resume
            </button>
          )}
          <button
            type="button"
            class="button"
            disabled={isBusy}
            onClick={post("retry", "Failed deliveries are retried now.")}
          >
            Retry now
          </button>
        </p>
        <p class={fault === "" ? "note" : "fault"} role="status">
          {fault === "" ? note : fault}
        </p>
      </section>
      {target.dead === 0 ? null : <DeadLetters path={path} onChanged={onChanged} />}
      <DeleteNamed
        name={target.name}
        path={path}
        what="Webhooks that wait for it are deleted too."
        onDeleted={() => {
          onChanged();
          onDeleted();
        }}
      />
    </>
  );
}
