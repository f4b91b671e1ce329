import { useState } from "preact/hooks";
import { count, percent } from "../format/numbers.ts";

export interface Cell {
  readonly messages: number;
  readonly sent: number;
  readonly delivered: number;
  readonly failed: number;
}

type Shown = "share" | "volume";

interface HeatMapProps {
  readonly title: string;
  /** Seven rows from Monday, 24 columns each; `undefined` for an hour outside the period. */
  readonly cells: readonly (readonly (Cell | undefined)[])[];
  readonly shows: Shown;
  readonly days: readonly string[];
}

/** With fewer messages a share is meaningless. */
const SENT_MIN = 5;
/** Equal steps up to a value that few hours exceed. Those get the strongest colour; otherwise one busy hour would make all others pale. */
const LEVELS = 5;
const FEW = 0.03;
/** From this share on a cell has this class; below all of them it has the worst. */
const SHARES = [
  { from: 0.98, name: "share-5", text: "98 % +" },
  { from: 0.95, name: "share-4", text: "95 %" },
  { from: 0.9, name: "share-3", text: "90 %" },
  { from: 0.8, name: "share-2", text: "80 %" },
  { from: 0, name: "share-1", text: "less" },
];
const HOURS = Array.from({ length: 24 }, (_, hour) => hour);

/** Day × hour: how many messages were sent, or which share arrived. Arrow keys move through it. */
export function HeatMap({ title, cells, shows, days }: HeatMapProps) {
  const [at, setAt] = useState<number>();
  const all = cells.flat();
  const volumes = all.map((cell) => cell?.messages ?? 0).sort((a, b) => a - b);
  const highest = volumes.at(-1) ?? 0;
  const usual = Math.max(1, volumes.at(-1 - Math.ceil(volumes.length * FEW)) ?? 1);
  const noted = at ?? notable(all, shows);
  const sentence = noted === undefined ? "Nothing was sent." : sentenceOf(all[noted], nameOf(noted, days));
  return (
    <>
      <p class="legend heat-note">
        {at !== undefined || noted === undefined ? null : (
          <span class="legend-time">{shows === "share" ? "Fewest arrived" : "Busiest hour"}</span>
        )}
        <span>{sentence}</span>
      </p>
      <div
        class="heat-map"
        role="slider"
        tabIndex={0}
        aria-label={`${title}: the hour that is shown`}
        aria-valuemin={0}
        aria-valuemax={all.length - 1}
        aria-valuenow={noted ?? 0}
        aria-valuetext={sentence}
        onKeyDown={(event) => {
          const step = { ArrowLeft: -1, ArrowRight: 1, ArrowUp: -24, ArrowDown: 24 }[event.key];
          if (step === undefined) return;
          event.preventDefault();
          setAt(Math.min(all.length - 1, Math.max(0, (noted ?? 0) + step)));
        }}
        onBlur={() => {
          setAt(undefined);
        }}
        onPointerLeave={() => {
          setAt(undefined);
        }}
      >
        <span class="heat-corner" />
        {HOURS.map((hour) => (
          <span key={hour} class="heat-sum">
            <span style={{ height: `${String(shareOfHighest(cells, hour) * 100)}%` }} />
          </span>
        ))}
        <span class="heat-total">All</span>
        {cells.map((row, day) => [
          <span key={days[day]} class="heat-name">
            {days[day]}
          </span>,
          ...row.map((cell, hour) => {
            const place = day * 24 + hour;
            return (
              <span
                key={`${String(day)} ${String(hour)}`}
                class={`heat-cell ${classOf(cell, shows, usual)}${place === at ? " is-at" : ""}`}
                onPointerEnter={() => {
                  setAt(place);
                }}
              />
            );
          }),
          <span key={`all of ${String(day)}`} class="heat-total">
            {totalOf(row, shows)}
          </span>,
        ])}
        <span class="heat-corner" />
        {HOURS.map((hour) => (
          <span key={hour} class="heat-hour">
            {hour % 3 === 0 ? String(hour).padStart(2, "0") : ""}
          </span>
        ))}
        <span class="heat-corner" />
      </div>
      <Scale shows={shows} usual={usual} highest={highest} />
    </>
  );
}

interface ScaleProps {
  readonly shows: Shown;
  /** The maximum without a few extreme hours, and the maximum. */
  readonly usual: number;
  readonly highest: number;
}

function Scale({ shows, usual, highest }: ScaleProps) {
  if (shows === "share") {
    return (
      <p class="heat-scale">
        {SHARES.map(({ name, text }) => (
          <span key={name}>
            <span class={`heat-cell ${name}`} /> {text}
          </span>
        ))}
      </p>
    );
  }
  return (
    <p class="heat-scale">
      <span>0</span>
      {Array.from({ length: LEVELS }, (_, level) => (
        <span key={level} class={`heat-cell volume-${String(level + 1)}`} />
      ))}
      <span>{count(usual)} an hour</span>
      {highest <= usual ? null : (
        <>
          <span class={`heat-cell volume-${String(LEVELS + 1)}`} />
          <span>up to {count(highest)}</span>
        </>
      )}
    </p>
  );
}

function classOf(cell: Cell | undefined, shows: Shown, usual: number): string {
  if (cell === undefined) return "is-missing";
  if (cell.messages === 0) return "is-empty";
  if (shows === "volume") return `volume-${String(Math.min(LEVELS + 1, Math.ceil((cell.messages / usual) * LEVELS)))}`;
  if (cell.sent < SENT_MIN) return "is-empty";
  const share = cell.delivered / cell.sent;
  return SHARES.find(({ from }) => share >= from)?.name ?? "share-1";
}

/** The cell that is described while none is selected: the busiest hour, or the one with the lowest share. */
function notable(cells: readonly (Cell | undefined)[], shows: Shown): number | undefined {
  const weights = cells.map((cell) => {
    if (cell === undefined || cell.messages === 0) return -1;
    if (shows === "volume") return cell.messages;
    return cell.sent < SENT_MIN ? -1 : 1 - cell.delivered / cell.sent;
  });
  const most = Math.max(...weights);
  return most < 0 ? undefined : weights.indexOf(most);
}

function nameOf(place: number, days: readonly string[]): string {
  const hour = place % 24;
  const clock = (one: number) => `${String(one).padStart(2, "0")}:00`;
  return `${days[Math.floor(place / 24)] ?? ""} ${clock(hour)}–${clock(hour + 1)}`;
}

function sentenceOf(cell: Cell | undefined, name: string): string {
  if (cell === undefined) return `${name}: not in this period`;
  if (cell.messages === 0) return `${name}: none sent`;
  const arrived = percent(cell.sent === 0 ? null : cell.delivered / cell.sent);
  const failed = cell.failed === 0 ? "none failed" : `${percent(cell.failed / cell.messages)} failed`;
  return `${name}: ${count(cell.messages)} sent, ${arrived} arrived, ${failed}`;
}

/** How much is sent at an hour of the day, of the busiest such hour. */
function shareOfHighest(cells: HeatMapProps["cells"], hour: number): number {
  const sums = HOURS.map((one) => cells.reduce((sum, row) => sum + (row[one]?.messages ?? 0), 0));
  return (sums[hour] ?? 0) / Math.max(1, ...sums);
}

function totalOf(row: readonly (Cell | undefined)[], shows: Shown): string {
  const sum = (pick: (cell: Cell) => number) =>
    row.reduce((total, cell) => total + (cell === undefined ? 0 : pick(cell)), 0);
  const sent = sum((cell) => cell.sent);
  if (shows === "volume") return count(sum(({ messages }) => messages));
  return percent(sent === 0 ? null : sum(({ delivered }) => delivered) / sent);
}
