import type { ComponentChildren } from "preact";
import { useState } from "preact/hooks";
import { Card, CsvLink, PictureButton } from "../parts/card.tsx";
import { timeZone } from "../state/scope.ts";
import { rowTime } from "./axis-time.ts";
import { LineChart, type Line } from "./line-chart.tsx";
import type { Mark } from "./line-marks.ts";

interface TimeChartProps {
  readonly title: string;
  readonly note?: ComponentChildren;
  readonly actions?: ComponentChildren;
  readonly span: number;
  /** Unix seconds. */
  readonly moments: readonly number[];
  readonly lines: readonly Line[];
  /** With a description of the event. */
  readonly marks?: readonly (Mark & { readonly text: ComponentChildren })[];
  readonly isByHour: boolean;
  readonly isLastOpen: boolean;
  readonly format: (value: number) => string;
  readonly increments?: readonly number[];
  readonly csv?: string;
  readonly onZoom?: (from: number, to: number) => void;
  /** Shown in place of the chart while there is nothing to draw. */
  readonly children?: ComponentChildren;
}

export const CHART_PX = 272;

/** Lines over time with a legend that shows the values under the crosshair, and the same numbers as a table. */
export function TimeChart(props: TimeChartProps) {
  const { title, note, actions, span, moments, lines, marks, isByHour, format, csv, onZoom, children } = props;
  const [hovered, setHovered] = useState<number>();
  const zone = timeZone.value;
  const index = Math.min(hovered ?? moments.length - 1, moments.length - 1);
  const moment = moments[index];
  const sentence = lines.map(({ title: name, values }) => `${name} ${shown(values[index], format)}`).join(", ");
  return (
    <Card
      title={title}
      span={span}
      note={note}
      actions={
        <>
          {actions}
          <PictureButton title={title} />
          {csv === undefined ? null : <CsvLink href={csv} />}
        </>
      }
    >
      <Legend title={moment === undefined ? "" : rowTime(moment, zone, isByHour)} {...{ lines, index, format }} />
      {children ?? (
        <div
          class="crosshair"
          role="slider"
          tabIndex={0}
          aria-label={`${title}: the moment that is shown`}
          aria-valuemin={0}
          aria-valuemax={Math.max(0, moments.length - 1)}
          aria-valuenow={Math.max(0, index)}
          aria-valuetext={moment === undefined ? "nothing yet" : `${rowTime(moment, zone, isByHour)}: ${sentence}`}
          onKeyDown={(event) => {
            const next = movedBy(event.key, index, moments.length);
            if (next === undefined) return;
            event.preventDefault();
            setHovered(next);
          }}
          onBlur={() => {
            setHovered(undefined);
          }}
        >
          <LineChart
            title={title}
            moments={moments}
            lines={lines}
            marks={(marks ?? []).map(({ at, colour }) => ({ at, colour }))}
            timeZone={zone}
            isByHour={isByHour}
            isLastOpen={props.isLastOpen}
            format={format}
            height={CHART_PX}
            hovered={hovered}
            onHover={setHovered}
            {...(onZoom === undefined ? {} : { onZoom })}
            {...(props.increments === undefined ? {} : { increments: props.increments })}
          />
        </div>
      )}
      {marks === undefined ? null : (
        <ol class="marks">
          {marks.map(({ at, colour, text }, place) => (
            <li key={`${String(at)} ${String(place)}`}>
              <span class="mark" style={{ background: `var(${colour})` }}>
                {place + 1}
              </span>
              <span>{text}</span>
            </li>
          ))}
        </ol>
      )}
      <Numbers title={title} {...{ moments, lines, isByHour, format }} />
    </Card>
  );
}

/** The crosshair's position after a key; `undefined` for other keys. */
function movedBy(key: string, index: number, count: number): number | undefined {
  const to = { ArrowLeft: index - 1, ArrowRight: index + 1, Home: 0, End: count - 1 }[key];
  return to === undefined || count === 0 ? undefined : Math.min(count - 1, Math.max(0, to));
}

interface LegendProps extends Pick<TimeChartProps, "lines" | "format"> {
  readonly title: string;
  readonly index: number;
}

function Legend({ title, lines, index, format }: LegendProps) {
  return (
    <div class="legend">
      <span class="legend-time">{title === "" ? <>&nbsp;</> : title}</span>
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
  );
}

/** The same numbers for screen readers and for copying. */
function Numbers({
  title,
  moments,
  lines,
  isByHour,
  format,
}: Pick<TimeChartProps, "title" | "moments" | "lines" | "isByHour" | "format">) {
  const zone = timeZone.value;
  const [isOpen, setOpen] = useState(false);
  return (
    <details
      class="as-table"
      data-picture="no"
      onToggle={(event) => {
        setOpen(event.currentTarget.open);
      }}
    >
      <summary>Show as a table</summary>
      {!isOpen ? null : (
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
      )}
    </details>
  );
}

function shown(value: number | null | undefined, format: (value: number) => string): string {
  return value === null || value === undefined ? "–" : format(value);
}
