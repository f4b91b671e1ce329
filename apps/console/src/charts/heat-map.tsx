import { count, percent } from "../format/numbers.ts";

export interface Cell {
  readonly messages: number;
  readonly delivered: number;
  readonly sent: number;
}

interface HeatMapProps {
  /** Seven rows from Monday, 24 columns each. */
  readonly cells: readonly (readonly Cell[])[];
  readonly shows: "share" | "volume";
  readonly days: readonly string[];
  readonly svg: (element: SVGSVGElement | null) => void;
}

const [LEFT, TOP, WIDTH, HEIGHT, GAP] = [44, 4, 24, 38, 2];
/** Fewer say nothing of a share. */
const SENT_MIN = 5;

/** Day × hour: how much was sent, or which share of it arrived. Stronger is more; where too little was sent for a share, the cell is hatched. */
export function HeatMap({ cells, shows, days, svg }: HeatMapProps) {
  const highest = Math.max(1, ...cells.flat().map(({ messages }) => messages));
  const shares = cells.flat().flatMap((cell) => (cell.sent < SENT_MIN ? [] : [cell.delivered / cell.sent]));
  const lowest = Math.min(0.9, ...shares);
  const [width, height] = [LEFT + 24 * (WIDTH + GAP), TOP + 7 * (HEIGHT + GAP) + 20];
  return (
    <svg ref={svg} class="heat-map" viewBox={`0 0 ${String(width)} ${String(height)}`} aria-hidden="true">
      {cells.map((row, day) => (
        <g key={days[day]}>
          <text x={LEFT - 8} y={TOP + day * (HEIGHT + GAP) + 23} text-anchor="end">
            {days[day]}
          </text>
          {row.map((cell, hour) => {
            const isEmpty = shows === "share" ? cell.sent < SENT_MIN : cell.messages === 0;
            const strength =
              shows === "share"
                ? (cell.delivered / Math.max(1, cell.sent) - lowest) / (1 - lowest)
                : Math.sqrt(cell.messages / highest);
            return (
              <rect
                key={hour}
                x={LEFT + hour * (WIDTH + GAP)}
                y={TOP + day * (HEIGHT + GAP)}
                width={WIDTH}
                height={HEIGHT}
                rx="4"
                class={isEmpty ? "heat-empty" : shows === "share" ? "heat-share" : "heat-volume"}
                opacity={isEmpty ? 1 : 0.1 + 0.9 * Math.min(1, Math.max(0, strength))}
              >
                <title>{`${days[day] ?? ""} ${String(hour).padStart(2, "0")}:00 · ${count(cell.messages)} messages, ${percent(cell.sent === 0 ? null : cell.delivered / cell.sent)} arrived`}</title>
              </rect>
            );
          })}
        </g>
      ))}
      {[0, 3, 6, 9, 12, 15, 18, 21].map((hour) => (
        <text key={hour} x={LEFT + hour * (WIDTH + GAP)} y={height - 4}>
          {`${String(hour).padStart(2, "0")}:00`}
        </text>
      ))}
    </svg>
  );
}
