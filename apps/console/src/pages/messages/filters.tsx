import { FAILURE_REASONS, FAILURES, MESSAGE_STATUSES, MESSAGE_TYPES } from "@ticktally/core";
import { MESSAGE_WORDS, reasonWord, STATUS_WORDS } from "../../format/words.ts";
import { allInstances } from "../../rest/instances.ts";
import { useResource } from "../../rest/resource.ts";
import { choice, choose } from "../../state/location.ts";

/** Suggested while the user types a name. */
const NAMES_MAX = 500;

/** The filters in the address, named as in the api. */
const FILTER_NAMES = ["status", "origin", "direction", "type", "reason", "label", "olderThan"] as const;
type FilterName = (typeof FILTER_NAMES)[number];
type FilterValues = Readonly<Record<FilterName, string | undefined>>;

export const NO_FILTERS = Object.fromEntries(FILTER_NAMES.map((name) => [name, undefined])) as FilterValues;

export function filtersOf(): FilterValues {
  return Object.fromEntries(FILTER_NAMES.map((name) => [name, choice(name)])) as FilterValues;
}

/** The most common searches, one click each. */
const SHORTCUTS: readonly { readonly title: string; readonly filter: Partial<FilterValues> }[] = [
  { title: "All", filter: {} },
  { title: "Stuck for an hour", filter: { status: "pending,yellowCard,sent", olderThan: "1h", direction: "outgoing" } },
  { title: "Failed", filter: { status: FAILURES.join(","), direction: "outgoing" } },
  { title: "Received", filter: { direction: "incoming" } },
];

type Options = readonly (readonly [value: string, title: string])[];

const STATUSES: Options = [
  ["pending,yellowCard", "Waiting"],
  ...MESSAGE_STATUSES.filter((status) => status !== "pending" && status !== "yellowCard").map(
    (status) => [status, status === "failed" ? "Sending failed" : STATUS_WORDS[status].title] as const,
  ),
  ["delivered,read,played", "Arrived"],
  [FAILURES.join(","), "Any failure"],
];
const ORIGINS: Options = [
  ["api", "By the API"],
  ["phone", "On the phone"],
];
const TYPES: Options = [...MESSAGE_TYPES, "unknown"].map((type) => [type, MESSAGE_WORDS[type] ?? type] as const);
const REASONS: Options = FAILURE_REASONS.map((reason) => [reason, reasonWord(reason)] as const);
const AGES: Options = [
  ["10m", "10 minutes"],
  ["1h", "1 hour"],
  ["6h", "6 hours"],
  ["1d", "1 day"],
  ["3d", "3 days"],
];

export function Filters({ instance }: { readonly instance: string | undefined }) {
  const now = filtersOf();
  const path = instance === undefined ? undefined : "/labels";
  const labels = useResource<{ labels: readonly { readonly label: string }[] }>(path, { query: { instance } });
  return (
    <>
      <div class="chips" role="group" aria-label="Common searches">
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
            aria-pressed={FILTER_NAMES.every((name) => now[name] === filter[name])}
            onClick={() => {
              choose({ ...NO_FILTERS, ...filter });
            }}
          >
            {title}
          </button>
        ))}
      </div>
      <div class="chips" role="group" aria-label="Filters">
        <Filter name="status" title="Status" options={STATUSES} />
        <Filter name="origin" title="Sent" options={ORIGINS} />
        <Filter name="type" title="Type" options={TYPES} />
        <Filter name="reason" title="Reason" options={REASONS} />
        <Filter
          name="label"
          title="Label"
          options={(labels.answer?.labels ?? []).map(({ label }) => [label, label] as const)}
        />
        <Filter name="olderThan" title="No update for" options={AGES} />
      </div>
    </>
  );
}

/** Filters that only apply to outgoing messages: with one of them, incoming messages are left out. */
const OF_OUTGOING: readonly FilterName[] = ["status", "origin", "reason", "label"];

interface FilterProps {
  readonly name: FilterName;
  readonly title: string;
  readonly options: Options;
}

/** A chip that opens a list. It shows the choice, and a cross removes it. */
function Filter({ name, title, options }: FilterProps) {
  const value = choice(name);
  // A link may have set a value that is not offered.
  const isOffered = value === undefined || options.some(([one]) => one === value);
  const set = (next: string | undefined) => {
    const direction = next !== undefined && OF_OUTGOING.includes(name) ? "outgoing" : choice("direction");
    choose({ [name]: next, direction });
  };
  return (
    <span class={value === undefined ? "chip filter" : "chip filter is-set"}>
      <select
        aria-label={title}
        value={value ?? ""}
        onChange={(event) => {
          set(event.currentTarget.value || undefined);
        }}
      >
        <option value="">{title}</option>
        {isOffered ? null : <option value={value}>{titleOf(name, value)}</option>}
        {options.map(([one, text]) => (
          <option key={one} value={one}>
            {name === "olderThan" ? `No update for ${text}` : text}
          </option>
        ))}
      </select>
      {value === undefined ? null : (
        <button
          type="button"
          aria-label={`Remove the filter ${title}`}
          onClick={() => {
            set(undefined);
          }}
        >
          ×
        </button>
      )}
    </span>
  );
}

function titleOf(name: FilterName, value: string): string {
  if (name !== "status") return value;
  const titles: Readonly<Record<string, { readonly title: string }>> = STATUS_WORDS;
  return value
    .split(",")
    .map((status) => titles[status]?.title ?? status)
    .join(", ");
}
