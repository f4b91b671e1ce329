import { choice, choose } from "../state/location.ts";
import { instances, OWN_ZONE, range, RANGES, timeZone } from "../state/scope.ts";
import { session, signOut } from "../state/session.ts";

const COMPARISONS = { before: "Period before", week: "Same days last week", none: "No comparison" };

/** What all pages are about, and who is signed in. */
export function TopBar() {
  const who = session.value;
  const zones = [...new Set([OWN_ZONE, timeZone.value, "UTC"])];
  return (
    <header class="top-bar">
      <div class="choices">
        <label>
          <span class="visually-hidden">Instances, separated by commas</span>
          <input
            class="field"
            placeholder="All instances"
            value={instances.value === "all" ? "" : instances.value}
            onChange={(event) => {
              choose({ instances: event.currentTarget.value.trim() || undefined });
            }}
          />
        </label>
        <fieldset class="segments">
          <legend class="visually-hidden">Period</legend>
          {Object.entries(RANGES).map(([name, title]) => (
            <button
              type="button"
              aria-pressed={range.value === name}
              onClick={() => {
                choose({ range: name });
              }}
            >
              {title}
            </button>
          ))}
        </fieldset>
        {range.value === "own" ? (
          <>
            <DateField name="from" />
            <DateField name="to" />
          </>
        ) : null}
        <label>
          <span class="visually-hidden">Compare with</span>
          <select
            class="field"
            value={choice("compare") ?? "before"}
            onChange={(event) => {
              choose({ compare: event.currentTarget.value });
            }}
          >
            {Object.entries(COMPARISONS).map(([name, title]) => (
              <option value={name}>{title}</option>
            ))}
          </select>
        </label>
        <label>
          <span class="visually-hidden">Time zone</span>
          <select
            class="field"
            value={timeZone.value}
            onChange={(event) => {
              choose({ tz: event.currentTarget.value });
            }}
          >
            {zones.map((zone) => (
              <option value={zone}>{zone}</option>
            ))}
          </select>
        </label>
      </div>
      {who === null || who === undefined ? null : (
        <div class="who">
          <span>
            {who.name}{" "}
            <span class="quiet">{who.kind === "read" ? "reads" : who.kind === "instance" ? "instance" : ""}</span>
          </span>
          <button type="button" class="button quiet" onClick={() => void signOut()}>
            Sign out
          </button>
        </div>
      )}
    </header>
  );
}

function DateField({ name }: { readonly name: "from" | "to" }) {
  return (
    <label>
      <span class="visually-hidden">{name}</span>
      <input
        class="field"
        type="date"
        value={choice(name) ?? ""}
        onChange={(event) => {
          choose({ [name]: event.currentTarget.value });
        }}
      />
    </label>
  );
}
