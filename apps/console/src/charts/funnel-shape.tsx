interface Part {
  /** Of the first part, 0 to 1. */
  readonly share: number;
  readonly colour: string;
}

const [WIDTH, HEIGHT, SLANT] = [100, 72, 14];

/** Bands that narrow from step to step, each as high as its share of the first. The numbers stand above it. */
export function FunnelShape({ parts }: { readonly parts: readonly Part[] }) {
  const middle = HEIGHT / 2;
  const half = (share: number) => Math.max(0.75, share * (middle - 2));
  return (
    <svg
      class="funnel-shape"
      viewBox={`0 0 ${String(WIDTH * parts.length)} ${String(HEIGHT)}`}
      preserveAspectRatio="none"
      aria-hidden="true"
    >
      {parts.map(({ share, colour }, index) => {
        const here = half(share);
        const next = half(parts[index + 1]?.share ?? share);
        const [left, right] = [index * WIDTH, (index + 1) * WIDTH];
        const bend = right - SLANT;
        const isLast = index === parts.length - 1;
        const end = isLast
          ? `L${right} ${middle - here} L${right} ${middle + here}`
          : `C${bend + SLANT / 2} ${middle - here} ${bend + SLANT / 2} ${middle - next} ${right} ${middle - next} L${right} ${middle + next} C${bend + SLANT / 2} ${middle + next} ${bend + SLANT / 2} ${middle + here} ${bend} ${middle + here}`;
        return (
          <path
            key={colour}
            d={`M${left} ${middle - here} L${isLast ? right : bend} ${middle - here} ${end} L${left} ${middle + here} Z`}
            style={{ fill: `var(${colour})` }}
          />
        );
      })}
    </svg>
  );
}
