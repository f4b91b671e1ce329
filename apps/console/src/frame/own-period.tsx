import { useState } from "preact/hooks";
import { Popover } from "../parts/popover.tsx";
import { choose } from "../state/location.ts";
import { DAY_MS, dateIn, instantOf, periodOf, range, timeZone } from "../state/scope.ts";

/** Any period, by its first and last day. A selection in a chart is shown here as well. */
export function OwnPeriod() {
  const { from, to } = periodOf(Date.now());
  const isOwn = range.value === "own";
  return (
    <Popover
      label={isOwn ? spanOf(from, to) : "Custom"}
      title="Choose a period"
      className={isOwn ? "own-period is-chosen" : "own-period"}
    >
      {(close) => <Panel first={dayOf(from)} last={dayOf(to, 1)} close={close} />}
    </Popover>
  );
}

interface PanelProps {
  readonly first: string;
  /** The last day that is included. */
  readonly last: string;
  readonly close: () => void;
}

function Panel({ first, last, close }: PanelProps) {
  const [from, setFrom] = useState(first);
  const [until, setUntil] = useState(last);
  const isWrong = from === "" || until === "" || until < from;
  return (
    <form
      class="own-dates"
      onSubmit={(event) => {
        event.preventDefault();
        if (isWrong) return;
        // The address contains the day after the last one, as the api expects.
        const to = new Date(Date.parse(until) + DAY_MS).toISOString().slice(0, 10);
        choose({ range: "own", from, to });
        close();
      }}
    >
      <Day title="From" value={from} onChange={setFrom} />
      <Day title="To" value={until} onChange={setUntil} />
      <p class="fault small" role="status">
        {isWrong ? "The last day is before the first." : ""}
      </p>
      <button class="button primary" disabled={isWrong}>
        Show
      </button>
    </form>
  );
}

interface DayProps {
  readonly title: string;
  readonly value: string;
  readonly onChange: (value: string) => void;
}

function Day({ title, value, onChange }: DayProps) {
  return (
    <label>
      {title}
      <input
        class="field"
        type="date"
        value={value}
        onInput={(event) => {
          onChange(event.currentTarget.value);
        }}
      />
    </label>
  );
}

/** The date of an edge of a period in the chosen zone. @param msBefore so that an end names its last day */
function dayOf(edge: string, msBefore = 0): string {
  const at = instantOf(edge) - msBefore;
  return /^\d+$/.test(edge) ? dateIn(timeZone.value, at) : new Date(at).toISOString().slice(0, 10);
}

/** "12–18 Nov", or with hours if it does not begin and end at midnight. */
function spanOf(from: string, to: string): string {
  const isByHour = /^\d+$/.test(from);
  return new Intl.DateTimeFormat(globalThis.navigator.language, {
    day: "numeric",
    month: "short",
    ...(isByHour ? { hour: "2-digit", minute: "2-digit" } : {}),
    timeZone: isByHour ? timeZone.value : "UTC",
  }).formatRange(instantOf(from), instantOf(to) - (isByHour ? 0 : 1));
}
