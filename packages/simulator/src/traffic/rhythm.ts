import type { Character } from "./characters.ts";
import { Random } from "./random.ts";

/** A period in which more messages fail than usual. */
export interface Incident {
  /** Share of outgoing messages that fail. */
  readonly share: number;
  /** In minutes since 1970, the end not included. */
  readonly fromMinute: number;
  readonly toMinute: number;
}

const MINUTES_A_DAY = 1_440;

/** The average number of messages of an instance in a minute. @param minute since 1970, as everywhere here */
export function usualMessages(character: Character, minute: number, scale: number): number {
  const { day, hour } = localTime(character, minute);
  const { perDay, hours, weekdays } = character;
  const ofDay = (hours[hour] ?? 0) / (hours.reduce(sum) / 24);
  const ofWeek = (weekdays[weekdayOf(day)] ?? 0) / (weekdays.reduce(sum) / 7);
  return (scale * perDay * ofDay * ofWeek) / MINUTES_A_DAY;
}

/** The messages per minute of a running campaign, and its label; `undefined` if none is running. */
export function campaignIn(
  character: Character,
  minute: number,
  scale: number,
): { readonly messages: number; readonly label: string } | undefined {
  const { campaign } = character;
  if (campaign === undefined) return undefined;
  const { day, hour, minuteOfDay } = localTime(character, minute);
  const since = minuteOfDay - campaign.hour * 60;
  if (hour < campaign.hour || since >= campaign.minutes || !campaign.weekdays.includes(weekdayOf(day)))
    return undefined;
  // Two campaigns a week, with different names each week.
  const number = 2 * Math.floor((day + 3) / 7) + campaign.weekdays.indexOf(weekdayOf(day));
  const label = campaign.labels[number % campaign.labels.length] ?? campaign.labels[0];
  return { messages: (scale * campaign.messages) / campaign.minutes, label };
}

/** Roughly how many webhooks an instance sends on an average day: an outgoing message has three to four. */
export function usualWebhooksPerDay({ perDay, incomingShare, campaign }: Character): number {
  const ofCampaigns = campaign === undefined ? 0 : (campaign.messages * campaign.weekdays.length) / 7;
  return perDay * (incomingShare + (1 - incomingShare) * WEBHOOKS_AN_OUTGOING) + ofCampaigns * WEBHOOKS_AN_OUTGOING;
}

const WEBHOOKS_AN_OUTGOING = 3.6;

/** About every ninth day something fails for 40 minutes, in the middle of the day. */
export function dailyIncident(seed: number, instance: number, minute: number): Incident | undefined {
  const day = Math.floor(minute / MINUTES_A_DAY);
  const random = new Random(seed, instance, day, PURPOSE_INCIDENT);
  if (!random.chance(1 / 9)) return undefined;
  const fromMinute = day * MINUTES_A_DAY + 8 * 60 + random.below(9 * 60);
  const toMinute = fromMinute + 40;
  return minute >= fromMinute && minute < toMinute ? { share: 0.25, fromMinute, toMinute } : undefined;
}

/** Hour of the local day at a moment. @param at Unix seconds */
export function localHour({ utcOffsetHours }: Character, at: number): number {
  return Math.floor(at / 3600 + utcOffsetHours) % 24;
}

const PURPOSE_INCIDENT = 2;

function localTime({ utcOffsetHours }: Character, minute: number) {
  const local = minute + utcOffsetHours * 60;
  const day = Math.floor(local / MINUTES_A_DAY);
  const minuteOfDay = local - day * MINUTES_A_DAY;
  return { day, minuteOfDay, hour: Math.floor(minuteOfDay / 60) };
}

/** 0 for Monday. 1 January 1970 was a Thursday. */
function weekdayOf(day: number): number {
  return (day + 3) % 7;
}

function sum(a: number, b: number): number {
  return a + b;
}
