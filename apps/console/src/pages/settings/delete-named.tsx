import { useState } from "preact/hooks";
import { useChange } from "../../rest/change.ts";
import { request } from "../../rest/request.ts";

interface DeleteNamedProps {
  readonly name: string;
  readonly path: string;
  /** What is lost. */
  readonly what: string;
  readonly onDeleted: () => void;
}

/** Deleting requires typing the name, so a click alone cannot lose data. */
export function DeleteNamed({ name, path, what, onDeleted }: DeleteNamedProps) {
  const { fault, isBusy, make } = useChange();
  const [typed, setTyped] = useState("");
  const submit = (event: Event) => {
    event.preventDefault();
    if (typed !== name) return;
    void make(async () => request(path, { method: "DELETE" })).then((answer) => {
      if (answer !== undefined) onDeleted();
    });
  };
  return (
    <form class="form" onSubmit={submit}>
      <h3>Delete</h3>
      <label>
        {what} To do that, type its name: {name}
        <input
          class="field"
          value={typed}
          autocomplete="off"
          onInput={(event) => {
            setTyped(event.currentTarget.value);
          }}
        />
      </label>
      <p class="fault" role="alert">
        {fault}
      </p>
      <button class="button danger" disabled={isBusy || typed !== name}>
        Delete {name}
      </button>
    </form>
  );
}
