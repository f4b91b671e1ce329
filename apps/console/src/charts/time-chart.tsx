import type { ComponentChildren } from "preact";
import { useRef, useState } from "preact/hooks";
import { Card, CsvLink } from "../parts/card.tsx";
import { timeZone } from "../state/scope.ts";
import { rowTime } from "./axis-time.ts";
import { LineChart, type Line } from "./line-chart.tsx";
import { savePicture } from "./picture.ts";

interface TimeChartProps {
  readonly title: string;
  readonly note?: ComponentChildren;
  readonly actions?: ComponentChildren;
  readonly span: number;
  /** Unix seconds. */
  readonly moments: readonly number[];
  readonly lines: readonly Line[];
  readonly isByHour: boolean;
  readonly isLastOpen: boolean;
  readonly format: (value: number) => string;
  readonly increments?: readonly number[];
  readonly csv?: string;
  readonly onZoom?: (from: number, to: number) => void;
  /** In place of the chart, while there is nothing to draw. */
  readonly children?: ComponentChildren;
}

const HEIGHT = 264;

/** Lines over time with a legend that tells the values of the moment under the pointer, and the same numbers as a table. */
export function TimeChart({
  title,
  note,
  actions,
  span,
  moments,
  lines,
  isByHour,
  isLastOpen,
  format,
  increments,
  csv,
  onZoom,
  children,
}: TimeChartProps) {
  const [hovered, setHovered] = useState<number>();
  const canvas = useRef<HTMLCanvasElement | undefined>(undefined);
  const zone = timeZone.value;
  const index = hovered ?? moments.length - 1;
  const moment = moments[index];
  return (
    <Card
      title={title}
      span={span}
      note={note}
      actions={
        <>
          {actions}
          <button
            type="button"
            class="tool"
            onClick={() => {
              if (canvas.current !== undefined) void savePicture(title, canvas.current, lines);
            }}
          >
            PNG
          </button>
          {csv === undefined ? null : <CsvLink href={csv} />}
        </>
      }
    >
      <div class="legend">
        <span class="legend-time">{moment === undefined ? " " : rowTime(moment, zone, isByHour)}</span>
        {lines.map(({ title: name, colour, values, dash }) => (
          <span class="legend-line" key={name}>
            <svg width="18" height="8" aria-hidden="true">
              <line
                x1="0"
                x2="18"
                y1="4"
                y2="4"
                stroke={`var(${colour})`}
                stroke-width="2.5"
                stroke-dasharray={dash?.join(" ")}
              />
            </svg>
            {name} <strong>{shown(values[index], format)}</strong>
          </span>
        ))}
      </div>
      {children ?? (
        <LineChart
          title={title}
          moments={moments}
          lines={lines}
          timeZone={zone}
          isByHour={isByHour}
          isLastOpen={isLastOpen}
          format={format}
          height={HEIGHT}
          onHover={setHovered}
          onCanvas={(found) => {
            canvas.current = found;
          }}
          {...(onZoom === undefined ? {} : { onZoom })}
          {...(increments === undefined ? {} : { increments })}
        />
      )}
      <details class="as-table">
        <summary>Show as a table</summary>
        <div class="scrolls" tabIndex={0} role="region" aria-label={`${title}, as a table`}>
          <table class="plain">
            <thead>
              <tr>
                <th scope="col">Time</th>
                {lines.map(({ title: name }) => (
                  <th key={name} scope="col" class="number">
                    {name}
                  </th>
                ))}
              </tr>
            </thead>
            <tbody>
              {moments.map((at, row) => (
                <tr key={at}>
                  <th scope="row">{rowTime(at, zone, isByHour)}</th>
                  {lines.map(({ title: name, values }) => (
                    <td key={name} class="number">
                      {shown(values[row], format)}
                    </td>
                  ))}
                </tr>
              ))}
            </tbody>
          </table>
        </div>
      </details>
    </Card>
  );
}

function shown(value: number | null | undefined, format: (value: number) => string): string {
  return value === null || value === undefined ? "–" : format(value);
}
