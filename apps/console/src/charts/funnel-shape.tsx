import { useId } from "preact/hooks";

interface Part {
  /** Share of the first part, 0 to 1. */
  readonly share: number;
  readonly colour: string;
}

interface FunnelShapeProps {
  readonly parts: readonly Part[];
  /** Height on the page, px. */
  readonly height: number;
}

const [WIDTH, HEIGHT] = [100, 100];
/** Where in a column it starts to narrow towards the next. */
const BEND = 62;
/** Even the smallest share is visible as a line. */
const HALF_MIN = 1.25;

/**
 * A band that narrows from column to column, each as high as its share of the first, on a pale one that shows what is missing. The numbers
 * stand above it.
 */
export function FunnelShape({ parts, height }: FunnelShapeProps) {
  const id = useId();
  const whole = WIDTH * parts.length;
  return (
    <svg
      class="funnel-shape"
      style={{ height: `${String(height)}px` }}
      viewBox={`0 0 ${String(whole)} ${String(HEIGHT)}`}
      preserveAspectRatio="none"
      aria-hidden="true"
    >
      <linearGradient id={id} gradientUnits="userSpaceOnUse" x1="0" x2={whole} y1="0" y2="0">
        {parts.flatMap(({ colour }, index) =>
          [index * WIDTH + (index === 0 ? 0 : 10), index * WIDTH + BEND].map((x) => (
            <stop key={x} offset={x / whole} style={{ stopColor: `var(${colour})` }} />
          )),
        )}
      </linearGradient>
      <path class="funnel-missing" d={band(parts.map(() => 1))} />
      <path fill={`url(#${id})`} d={band(parts.map(({ share }) => share))} />
    </svg>
  );
}

/** Along its upper edge to the right, and along the lower one back: level in each column, bent on the way to the next. */
function band(shares: readonly number[]): string {
  const halves = shares.map((share) => Math.max(HALF_MIN, (Math.min(1, share) * HEIGHT) / 2));
  const columns = halves.map((half, index) => ({
    left: index * WIDTH,
    bend: index * WIDTH + BEND,
    middle: index * WIDTH + (BEND + WIDTH) / 2,
    right: (index + 1) * WIDTH,
    high: HEIGHT / 2 - half,
    low: HEIGHT / 2 + half,
  }));
  const upper = columns.map(({ bend, middle, right, high }, index) => {
    const next = columns[index + 1];
    return next === undefined
      ? `H${right}`
      : `H${bend} C${middle},${high} ${middle},${next.high} ${right},${next.high}`;
  });
  const lower = columns.toReversed().map(({ left, low }, place) => {
    const before = columns[columns.length - 2 - place];
    return before === undefined
      ? `H${left}`
      : `H${left} C${before.middle},${low} ${before.middle},${before.low} ${before.bend},${before.low}`;
  });
  return `M0,${columns[0]?.high ?? 0} ${upper.join(" ")} V${columns.at(-1)?.low ?? 0} ${lower.join(" ")} Z`;
}
