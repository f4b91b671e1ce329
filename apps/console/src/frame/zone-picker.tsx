import { useState } from "preact/hooks";
import { Popover } from "../parts/popover.tsx";
import { choose } from "../state/location.ts";
import { OWN_ZONE, timeZone } from "../state/scope.ts";

/** More than a user reads; typing narrows the list. */
const SHOWN_MAX = 40;

/** The time zone of days and times. The browser's own and UTC come first. */
export function ZonePicker() {
  return (
    <Popover label={cityOf(timeZone.value)} title={`Time zone: ${timeZone.value}`} className="zone-picker">
      {(close) => <Panel close={close} />}
    </Popover>
  );
}

function Panel({ close }: { readonly close: () => void }) {
  const [search, setSearch] = useState("");
  const sought = search.trim().toLowerCase().replaceAll(" ", "_");
  const all = [...new Set([timeZone.value, OWN_ZONE, "UTC", ...Intl.supportedValuesOf("timeZone")])];
  const found = all.filter((zone) => zone.toLowerCase().includes(sought)).slice(0, SHOWN_MAX);
  const take = (zone: string) => {
    choose({ tz: zone === OWN_ZONE ? undefined : zone });
    close();
  };
  return (
    <>
      <input
        class="field"
        type="search"
        aria-label="Search time zones"
        placeholder="City or region"
        value={search}
        onInput={(event) => {
          setSearch(event.currentTarget.value);
        }}
        onKeyDown={(event) => {
          const [best] = found;
          if (event.key === "Enter" && best !== undefined) take(best);
        }}
      />
      <ul class="options" aria-label="Time zones">
        {found.map((zone) => (
          <li key={zone}>
            <button
              type="button"
              class="option"
              aria-pressed={zone === timeZone.value}
              onClick={() => {
                take(zone);
              }}
            >
              <span class="option-name">{zone.replaceAll("_", " ")}</span>
              <span class="quiet small">{zone === OWN_ZONE ? "this browser" : offsetOf(zone)}</span>
            </button>
          </li>
        ))}
      </ul>
      {found.length === 0 ? <p class="quiet small">No time zone has this in its name.</p> : null}
    </>
  );
}

function cityOf(zone: string): string {
  return (zone.split("/").at(-1) ?? zone).replaceAll("_", " ");
}

/** "GMT+2": the current offset from UTC. */
function offsetOf(timeZoneName: string): string {
  const parts = new Intl.DateTimeFormat("en", { timeZone: timeZoneName, timeZoneName: "shortOffset" }).formatToParts();
  return parts.find(({ type }) => type === "timeZoneName")?.value ?? "";
}
