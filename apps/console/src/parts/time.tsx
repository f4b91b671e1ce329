import { fullTime, time } from "../format/times.ts";
import { timeZone } from "../state/scope.ts";

/** A time as short as it is clear; all of it when one points at it. */
export function Time({
  at,
  withSeconds = false,
}: {
  readonly at: string | null | undefined;
  readonly withSeconds?: boolean;
}) {
  if (at === null || at === undefined) return <span class="quiet">–</span>;
  const date = new Date(at);
  return (
    <time dateTime={at} title={fullTime(date, timeZone.value)}>
      {time(date, timeZone.value, { withSeconds })}
    </time>
  );
}
