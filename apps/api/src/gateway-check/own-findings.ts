import type { InstanceOverview } from "@ticktally/core";
import type { Finding } from "@ticktally/schemas";

/** What is known about an instance without calling its gateway. */
export interface KnownHere {
  readonly overview: InstanceOverview;
  /** Webhooks that wait at the gateway; `undefined` if unknown. */
  readonly waiting: number | undefined;
  /** Unix seconds */
  readonly now: number;
}

/** A gateway sends a webhook within seconds, and again after a minute. */
const WAITING_SECONDS = 600;
/** After a day without a webhook, the gateway has dropped what waited. */
const STOPPED_SECONDS = 86_400;

/** Findings from the webhooks that were received. */
export function ownFindings({ overview, waiting, now }: KnownHere): readonly Finding[] {
  const { lastWebhookAt, settings } = overview;
  const findings = [lastWebhook(lastWebhookAt, now), ...waitingFindings(waiting, lastWebhookAt, now)];
  if (!settings.ignoreGroupMessages) return findings;
  const message = "Group messages are not counted, because `ignoreGroupMessages` is set for this instance.";
  return [...findings, { code: "groups_ignored", severity: "info", message }];
}

function lastWebhook(at: number | undefined, now: number): Finding {
  if (at === undefined) {
    const message = "No webhook of this instance has been received yet.";
    return { code: "no_webhook_yet", severity: "warning", message };
  }
  const age = Math.max(0, now - at);
  const message = `The last webhook was received ${ageText(age)} ago.`;
  if (age < STOPPED_SECONDS) return { code: "last_webhook", severity: "info", message };
  return { code: "webhooks_stopped", severity: "warning", message };
}

function waitingFindings(waiting: number | undefined, lastAt: number | undefined, now: number): readonly Finding[] {
  if (waiting === undefined || waiting === 0) return [];
  const count = waiting === 1 ? "1 webhook waits" : `${String(waiting)} webhooks wait`;
  const code = "webhooks_waiting";
  const isHeld = lastAt === undefined || now - lastAt > WAITING_SECONDS;
  if (!isHeld) return [{ code, severity: "info", message: `${count} at the gateway.` }];
  const since =
    lastAt === undefined ? "none has been received yet" : `none has been received for ${ageText(now - lastAt)}`;
  const message = `${count} at the gateway, and ${since}: they do not reach Ticktally, or are not answered 200. Webhooks older than 24 hours are lost.`;
  return [{ code, severity: "error", message }];
}

const UNITS: readonly (readonly [string, number])[] = [
  ["day", 86_400],
  ["hour", 3_600],
  ["minute", 60],
];

/** Only the largest unit: "3 hours". */
function ageText(seconds: number): string {
  const [unit, length] = UNITS.find(([, unitSeconds]) => seconds >= unitSeconds) ?? ["second", 1];
  const count = Math.floor(seconds / length);
  return `${String(count)} ${unit}${count === 1 ? "" : "s"}`;
}
