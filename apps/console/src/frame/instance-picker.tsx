import { useState } from "preact/hooks";
import { count } from "../format/numbers.ts";
import { Popover } from "../parts/popover.tsx";
import { allInstances } from "../rest/instances.ts";
import { choose } from "../state/location.ts";
import { instances } from "../state/scope.ts";

/** More than a user reads; searching narrows the list. */
const SHOWN_MAX = 100;
/** Limits the length of addresses and requests, which contain the names. */
const CHOSEN_MAX = 50;

/** All instances, one, or several, found by name or id. */
export function InstancePicker() {
  const chosen = chosenNames();
  const [first] = chosen;
  const label =
    first === undefined ? "All instances" : chosen.length === 1 ? first : `${String(chosen.length)} instances`;
  return (
    <Popover label={label} title="Choose instances" className="instance-picker">
      {(close) => <Panel close={close} />}
    </Popover>
  );
}

function chosenNames(): readonly string[] {
  return instances.value === "all"
    ? []
    : instances.value
        .split(",")
        .map((name) => name.trim())
        .filter((name) => name !== "");
}

function Panel({ close }: { readonly close: () => void }) {
  const [search, setSearch] = useState("");
  const chosen = chosenNames();
  const all = allInstances.value.answer;
  const sought = search.trim().toLowerCase();
  const found = (all ?? []).filter(
    ({ name, idInstance }) => name.toLowerCase().includes(sought) || idInstance.includes(sought),
  );
  // Selected instances first, so they can be deselected.
  const shown = [...found]
    .sort((a, b) => Number(chosen.includes(b.name)) - Number(chosen.includes(a.name)))
    .slice(0, SHOWN_MAX);
  const set = (names: readonly string[]) => {
    choose({ instances: names.length === 0 ? undefined : names.join(",") });
  };
  return (
    <>
      <input
        class="field"
        type="search"
        aria-label="Search instances by name or id"
        placeholder="Name or id"
        value={search}
        onInput={(event) => {
          setSearch(event.currentTarget.value);
        }}
        onKeyDown={(event) => {
          const [best] = found;
          if (event.key !== "Enter" || best === undefined) return;
          set([best.name]);
          close();
        }}
      />
      <button
        type="button"
        class="option"
        aria-pressed={chosen.length === 0}
        onClick={() => {
          set([]);
          close();
        }}
      >
        All instances
      </button>
      <ul class="options" aria-label="Instances">
        {shown.map(({ name, idInstance }) => (
          <li key={idInstance}>
            <label class="option">
              <input
                type="checkbox"
                checked={chosen.includes(name)}
                disabled={!chosen.includes(name) && chosen.length >= CHOSEN_MAX}
                onChange={(event) => {
                  set(event.currentTarget.checked ? [...chosen, name] : chosen.filter((one) => one !== name));
                }}
              />
              <span>{name}</span>
            </label>
          </li>
        ))}
      </ul>
      {all !== undefined && found.length === 0 ? <p class="quiet small">No instance matches.</p> : null}
      {found.length > SHOWN_MAX ? (
        <p class="quiet small">
          {SHOWN_MAX} of {count(found.length)} shown: search for others.
        </p>
      ) : null}
    </>
  );
}
