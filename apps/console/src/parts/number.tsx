import { useEffect, useRef, useState } from "preact/hooks";
import { change, count, fullCount, percent } from "../format/numbers.ts";

/** A count, shortened if it is long, with all digits as a tooltip. It is highlighted briefly when it changes. */
export function Count({ value, className = "" }: { readonly value: number; readonly className?: string }) {
  const before = useRef(value);
  const [isNew, setNew] = useState(false);
  useEffect(() => {
    if (before.current === value) return undefined;
    before.current = value;
    setNew(true);
    const timer = setTimeout(() => {
      setNew(false);
    }, 1_000);
    return () => {
      clearTimeout(timer);
    };
  }, [value]);
  const [short, full] = [count(value), fullCount(value)];
  return (
    <span class={`count ${className} ${isNew ? "is-new" : ""}`} title={short === full ? undefined : full}>
      {short}
    </span>
  );
}

/** The change from the compared period, with a word for users who cannot see the arrow. */
export function Change({
  now,
  before,
  isGood,
}: {
  readonly now: number;
  readonly before: number | undefined;
  /** Whether more is good; without it the change is neutral. */
  readonly isGood?: boolean;
}) {
  const text = change(now, before);
  if (text === "" || before === undefined) return <span class="change">&nbsp;</span>;
  const isMore = now > before;
  const tone = isGood === undefined || now === before ? "" : isMore === isGood ? "good" : "bad";
  return (
    <span class={`change ${tone}`} title={`${fullCount(before)} in the compared period`}>
      {text}
    </span>
  );
}

/** A change of a share in points: "+1.2 points". */
export function ChangeOfShare({
  now,
  before,
  isGood = true,
}: {
  readonly now: number | null;
  readonly before: number | null | undefined;
  readonly isGood?: boolean;
}) {
  if (now === null || before === null || before === undefined) return null;
  const points = (now - before) * 100;
  if (Math.abs(points) < 0.05) return <span class="change">unchanged</span>;
  const tone = points > 0 === isGood ? "good" : "bad";
  const sign = points > 0 ? "+" : "−";
  return (
    <span class={`change ${tone}`} title={`${percent(before)} in the compared period`}>
      {sign}
      {POINTS.format(Math.abs(points))} points
    </span>
  );
}

const POINTS = new Intl.NumberFormat(globalThis.navigator.language, {
  maximumFractionDigits: 1,
  minimumFractionDigits: 1,
});
