import { connection, isPaused, type Connection } from "../state/live.ts";
import { choice, choose } from "../state/location.ts";
import { comparison, COMPARISONS, OWN_ZONE, range, RANGES, timeZone } from "../state/scope.ts";
import { session, signOut } from "../state/session.ts";
import { InstancePicker } from "./instance-picker.tsx";

/** What all pages are about, and who is signed in. */
export function TopBar() {
  return (
    <header class="top-bar">
      <div class="choices">
        <InstancePicker />
        <fieldset class="segments">
          <legend class="visually-hidden">Period</legend>
          {Object.entries(RANGES).map(([name, title]) => (
            <button
              key={name}
              type="button"
              aria-pressed={range.value === name}
              onClick={() => {
                choose({ range: name, ...(name === "own" ? {} : { from: undefined, to: undefined }) });
              }}
            >
              {title}
            </button>
          ))}
        </fieldset>
        {range.value === "own" ? (
          <span class="dates">
            <DateField name="from" />
            <DateField name="to" />
          </span>
        ) : null}
        <Choice
          title="Compare with"
          value={comparison.value}
          options={COMPARISONS}
          onChange={(value) => {
            choose({ compare: value === "before" ? undefined : value });
          }}
        />
        <Choice
          title="Time zone"
          value={timeZone.value}
          options={zones()}
          onChange={(value) => {
            choose({ tz: value === OWN_ZONE ? undefined : value });
          }}
        />
      </div>
      <Who />
    </header>
  );
}

const CONNECTIONS: Readonly<Record<Connection, string>> = {
  live: "Live",
  reconnecting: "Reconnecting",
  paused: "Paused",
};

function Who() {
  const who = session.value;
  const state = connection();
  if (who === null || who === undefined) return null;
  return (
    <div class="who">
      <button
        type="button"
        class={`connection ${state}`}
        aria-pressed={isPaused.value}
        title={isPaused.value ? "Go on updating" : "Stop updating"}
        onClick={() => {
          isPaused.value = !isPaused.value;
        }}
      >
        <span class="dot" aria-hidden="true" />
        {CONNECTIONS[state]}
      </button>
      <span class="who-name">
        {who.name}
        {who.kind === "account" ? null : (
          <span class="quiet"> · {who.kind === "read" ? "reads only" : "one instance"}</span>
        )}
      </span>
      <button type="button" class="button quiet" onClick={() => void signOut()}>
        Sign out
      </button>
    </div>
  );
}

function zones(): Readonly<Record<string, string>> {
  const all = [...new Set([OWN_ZONE, timeZone.value, "UTC", ...Intl.supportedValuesOf("timeZone")])];
  return Object.fromEntries(all.map((zone) => [zone, zone.replaceAll("_", " ")]));
}

interface ChoiceProps {
  readonly title: string;
  readonly value: string;
  readonly options: Readonly<Record<string, string>>;
  readonly onChange: (value: string) => void;
}

function Choice({ title, value, options, onChange }: ChoiceProps) {
  return (
    <label class="choice">
      <span class="visually-hidden">{title}</span>
      <select
        class="field"
        title={title}
        value={value}
        onChange={(event) => {
          onChange(event.currentTarget.value);
        }}
      >
        {Object.entries(options).map(([name, text]) => (
          <option key={name} value={name}>
            {text}
          </option>
        ))}
      </select>
    </label>
  );
}

function DateField({ name }: { readonly name: "from" | "to" }) {
  const given = choice(name) ?? "";
  const date = /^\d+$/.test(given) ? new Date(Number(given) * 1_000).toISOString().slice(0, 10) : given;
  return (
    <label>
      <span class="visually-hidden">{name === "from" ? "From" : "To, not included"}</span>
      <input
        class="field"
        type="date"
        title={name === "from" ? "From" : "To, not included"}
        value={date}
        onChange={(event) => {
          choose({ [name]: event.currentTarget.value });
        }}
      />
    </label>
  );
}
