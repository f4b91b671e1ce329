import { FAILURES, type MessageStatus } from "@ticktally/core";
import { allInstances } from "../../rest/instances.ts";
import { reasonWord } from "../../format/words.ts";
import { choice, choose } from "../../state/location.ts";

/** Offered while one types a name. */
const NAMES_MAX = 500;

interface Shortcut {
  readonly title: string;
  readonly filter: Readonly<Record<string, string | undefined>>;
}

const NONE = { status: undefined, olderThan: undefined, direction: undefined, origin: undefined };
const STUCK: readonly MessageStatus[] = ["pending", "yellowCard", "sent"];

/** What people look for most, each one click. */
const SHORTCUTS: readonly Shortcut[] = [
  { title: "All", filter: NONE },
  { title: "Stuck for an hour", filter: { ...NONE, status: STUCK.join(","), olderThan: "1h", direction: "outgoing" } },
  { title: "Failed", filter: { ...NONE, status: FAILURES.join(","), direction: "outgoing" } },
  { title: "Sent by API", filter: { ...NONE, origin: "api", direction: "outgoing" } },
  { title: "Received", filter: { ...NONE, direction: "incoming" } },
];

/** The filters in the address, as the api takes them. */
export function filtersOf(): Readonly<Record<string, string | undefined>> {
  return {
    status: choice("status"),
    origin: choice("origin"),
    direction: choice("direction"),
    reason: choice("reason"),
    label: choice("label"),
    olderThan: choice("olderThan"),
  };
}

export function Filters({ instance }: { readonly instance: string | undefined }) {
  const now = filtersOf();
  return (
    <div class="chips" role="group" aria-label="Filters">
      <datalist id="instance-names">
        {(allInstances.value.answer ?? []).slice(0, NAMES_MAX).map(({ name }) => (
          <option key={name} value={name} />
        ))}
      </datalist>
      <input
        class="field"
        aria-label="Instance"
        placeholder="Instance"
        list="instance-names"
        value={instance ?? ""}
        onChange={(event) => {
          choose({ instance: event.currentTarget.value.trim() || undefined });
        }}
      />
      {SHORTCUTS.map(({ title, filter }) => (
        <button
          key={title}
          type="button"
          class="chip"
          aria-pressed={Object.entries(filter).every(([name, value]) => now[name] === value)}
          onClick={() => {
            choose(filter);
          }}
        >
          {title}
        </button>
      ))}
      {(["reason", "label"] as const).map((name) =>
        now[name] === undefined ? null : (
          <button
            key={name}
            type="button"
            class="chip"
            aria-pressed="true"
            title="Remove this filter"
            onClick={() => {
              choose({ [name]: undefined });
            }}
          >
            {name === "reason" ? reasonWord(now[name]) : `Label ${now[name]}`} ×
          </button>
        ),
      )}
    </div>
  );
}
