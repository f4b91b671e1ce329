const [WIDTH, HEIGHT] = [120, 28];

/** A small line without axes that shows a trend. The numbers are beside it, so screen readers skip it. */
export function Sparkline({ values, colour }: { readonly values: readonly number[]; readonly colour: string }) {
  if (values.length < 2) return null;
  const highest = Math.max(1, ...values);
  const x = (index: number) => (index / (values.length - 1)) * (WIDTH - 4) + 2;
  const y = (value: number) => HEIGHT - 2 - (value / highest) * (HEIGHT - 4);
  const points = values.map((value, index) => `${x(index).toFixed(1)},${y(value).toFixed(1)}`).join(" ");
  return (
    <svg
      class="sparkline"
      width={WIDTH}
      height={HEIGHT}
      viewBox={`0 0 ${String(WIDTH)} ${String(HEIGHT)}`}
      preserveAspectRatio="none"
      aria-hidden="true"
    >
      <polyline
        points={points}
        fill="none"
        stroke={`var(${colour})`}
        stroke-width="1.75"
        vector-effect="non-scaling-stroke"
        stroke-linejoin="round"
        stroke-linecap="round"
      />
    </svg>
  );
}
