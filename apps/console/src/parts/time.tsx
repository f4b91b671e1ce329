import { fullTime, time } from "../format/times.ts";
import { timeZone } from "../state/scope.ts";

/** A short time, with the full date and time as a tooltip. */
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
