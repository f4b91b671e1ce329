import { useEffect, useRef } from "preact/hooks";
import UPlot from "uplot";
import { theme } from "../state/theme.ts";
import { axisTime } from "./axis-time.ts";
import { colourOf } from "./colour.ts";
import { drawMarks, drawOpen, type Mark } from "./line-marks.ts";

export interface Line {
  readonly title: string;
  /** The custom property that holds its colour. */
  readonly colour: string;
  /** One for each moment; `null` is a gap. */
  readonly values: readonly (number | null)[];
  /** Distinguishable without colour. */
  readonly dash?: readonly number[];
}

export interface LineChartProps {
  readonly title: string;
  /** Unix seconds, ascending. */
  readonly moments: readonly number[];
  readonly lines: readonly Line[];
  readonly timeZone: string;
  readonly isByHour: boolean;
  readonly format: (value: number) => string;
  readonly height: number;
  /** Steps between the lines of the scale; those of counts by default. */
  readonly increments?: readonly number[];
  /** The last bucket is still filling: its line is dashed. */
  readonly isLastOpen: boolean;
  /** Moments at which something happened, numbered from 1. */
  readonly marks: readonly Mark[];
  /** The crosshair's position: an index, or none. The pointer and the keys move it. */
  readonly hovered: number | undefined;
  readonly onHover: (index: number | undefined) => void;
  /** Called when a period was selected with the pointer, Unix seconds. */
  readonly onZoom?: (from: number, to: number) => void;
}

/** Lines over time on a canvas, which screen readers skip; the elements around it contain the same information. */
export function LineChart(props: LineChartProps) {
  const place = useRef<HTMLDivElement>(null);
  const plot = useRef<UPlot | undefined>(undefined);
  const latest = useRef(props);
  latest.current = props;
  const shape = JSON.stringify([
    props.lines.map(({ title, colour }) => [title, colour]),
    props.isByHour,
    props.timeZone,
    theme.value,
  ]);

  useEffect(() => {
    const element = place.current;
    if (element === null) return undefined;
    const made = new UPlot(optionsOf(latest, element), dataOf(latest.current), element);
    plot.current = made;
    const resized = new ResizeObserver(() => {
      made.setSize({ width: element.clientWidth, height: latest.current.height });
    });
    resized.observe(element);
    const scheme = matchMedia("(prefers-color-scheme: dark)");
    const redraw = () => {
      made.redraw();
    };
    scheme.addEventListener("change", redraw);
    return () => {
      resized.disconnect();
      scheme.removeEventListener("change", redraw);
      plot.current = undefined;
      made.destroy();
    };
  }, [shape]);

  const data = JSON.stringify([props.moments, props.lines.map(({ values }) => values)]);
  useEffect(() => {
    plot.current?.setData(dataOf(latest.current));
  }, [data, shape]);

  const marks = JSON.stringify(props.marks);
  useEffect(() => {
    plot.current?.redraw(false);
  }, [marks]);

  useEffect(() => {
    const [made, at] = [plot.current, props.hovered];
    if (made === undefined || made.cursor.idx === at || (at === undefined && made.cursor.idx === null)) return;
    const moment = at === undefined ? undefined : latest.current.moments[at];
    const left = moment === undefined ? -10 : made.valToPos(moment, "x");
    made.setCursor({ left, top: moment === undefined ? -10 : 1 }, false);
  }, [props.hovered]);

  return <div class="line-chart" ref={place} style={{ height: `${String(props.height)}px` }} aria-hidden="true" />;
}

function dataOf({ moments, lines }: LineChartProps): UPlot.AlignedData {
  return [[...moments], ...lines.map(({ values }) => [...values])];
}

/** Steps of an axis of counts, without fractions. */
const COUNTS = Array.from({ length: 10 }, (_, n) => [1, 2, 5].map((step) => step * 10 ** n)).flat();

function optionsOf(props: { readonly current: LineChartProps }, element: HTMLElement): UPlot.Options {
  const { lines, height, timeZone, isByHour } = props.current;
  const font = `12px ${getComputedStyle(element).fontFamily}`;
  const axis = { stroke: () => colourOf("--text-2"), font, ticks: { show: false } };
  return {
    width: element.clientWidth,
    height,
    legend: { show: false },
    padding: [8, 28, 0, 0],
    cursor: { drag: { x: true, y: false }, points: { size: 8 }, y: false },
    scales: { x: { time: true }, y: { range: (_, __, highest) => [0, highest > 0 ? highest * 1.05 : 1] } },
    axes: [
      {
        ...axis,
        size: 32,
        gap: 8,
        grid: { show: false },
        space: isByHour ? 76 : 64,
        incrs: isByHour ? HOURS : DAYS,
        values: (_, splits) => splits.map((at) => axisTime(at, timeZone, isByHour)),
      },
      {
        ...axis,
        // As wide as its longest text, so none is cut.
        size: (_, values: readonly string[] | null) =>
          16 + 7 * Math.max(4, ...(values ?? []).map((value) => value.length)),
        incrs: [...(props.current.increments ?? COUNTS)],
        grid: { stroke: () => colourOf("--line"), width: 1 },
        values: (_, splits) => splits.map((value) => props.current.format(value)),
      },
    ],
    series: [
      {},
      ...lines.map((line) => ({
        label: line.title,
        stroke: () => colourOf(line.colour),
        width: 2,
        ...(line.dash === undefined ? {} : { dash: [...line.dash] }),
        points: { show: props.current.moments.length < 3 },
      })),
    ],
    hooks: {
      setCursor: [
        ({ cursor: { idx } }) => {
          props.current.onHover(idx ?? undefined);
        },
      ],
      setSelect: [
        (plot) => {
          const { left, width } = plot.select;
          if (width < 8 || props.current.onZoom === undefined) return;
          props.current.onZoom(plot.posToVal(left, "x"), plot.posToVal(left + width, "x"));
          plot.setSelect({ left: 0, top: 0, width: 0, height: 0 }, false);
        },
      ],
      draw: [
        (plot) => {
          if (props.current.isLastOpen) drawOpen(plot);
          drawMarks(plot, props.current.marks);
        },
      ],
    },
  };
}

const HOURS = [1, 2, 3, 6, 12, 24, 48].map((hours) => hours * 3_600);
const DAYS = [1, 2, 7, 14, 28, 56, 91, 182].map((days) => days * 86_400);
