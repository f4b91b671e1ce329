import { duration } from "../../format/times.ts";
import { count, percent } from "../../format/numbers.ts";
import { reasonWord, stateWord } from "../../format/words.ts";

/** An instance's recent numbers, and its usual ones. */
export interface Standing {
  readonly name: string;
  readonly state: string | null;
  /** Seconds since its last webhook; `null` if there was none yet. */
  readonly silentSeconds: number | null;
  readonly lately: Shares;
  readonly usually: Shares;
  /** The most frequent reason of recent failures. */
  readonly reason: string | undefined;
  /** How many hours `lately` covers. */
  readonly hours: number;
}

export interface Shares {
  readonly messages: number;
  readonly sent: number;
  readonly delivered: number;
  readonly failed: number;
}

export interface Trouble {
  readonly name: string;
  readonly sentence: string;
  /** Higher is worse. */
  readonly weight: number;
  readonly tone: "bad" | "warn";
}

const FAILED_MIN = 5;
const FAILED_SHARE_MIN = 0.05;
const SENT_MIN = 20;
/** An instance that sends this many messages a day should not be silent for long. */
const DAILY_MIN = 48;
const SILENT_SECONDS = 6 * 3_600;

/** An instance's most serious problem, in one sentence; `undefined` if there is none. */
export function troubleOf(standing: Standing): Trouble | undefined {
  return [signedOut, failing, notArriving, silent]
    .flatMap((rule) => rule(standing) ?? [])
    .sort((a, b) => b.weight - a.weight)[0];
}

function signedOut({ name, state }: Standing): Trouble | undefined {
  if (state === null || state === "authorized") return undefined;
  const isGone = state === "notAuthorized" || state === "blocked";
  return {
    name,
    sentence: isGone
      ? `${state === "blocked" ? "blocked by WhatsApp" : "not signed in at the gateway"}: nothing is sent until that changes`
      : `the gateway reports “${stateWord(state).toLowerCase()}”`,
    weight: isGone ? 1_000 : 300,
    tone: isGone ? "bad" : "warn",
  };
}

function failing({ name, lately, usually, reason, hours }: Standing): Trouble | undefined {
  const [now, before] = [shareOf(lately.failed, lately.messages), shareOf(usually.failed, usually.messages)];
  if (lately.failed < FAILED_MIN || now < Math.max(FAILED_SHARE_MIN, 2 * before)) return undefined;
  const why = reason === undefined ? "" : `, mostly “${reasonWord(reason)}”`;
  return {
    name,
    sentence: `${percent(now)} failed in the last ${hoursOf(hours)}${why}; usually ${percent(before)}`,
    weight: 100 + 400 * now,
    tone: now >= 0.2 ? "bad" : "warn",
  };
}

function notArriving({ name, lately, usually, hours }: Standing): Trouble | undefined {
  const [now, before] = [shareOf(lately.delivered, lately.sent), shareOf(usually.delivered, usually.sent)];
  if (lately.sent < SENT_MIN || now > before - 0.2) return undefined;
  return {
    name,
    sentence: `only ${percent(now)} of ${count(lately.sent)} messages of the last ${hoursOf(hours)} arrived; usually ${percent(before)}`,
    weight: 50 + 400 * (before - now),
    tone: before - now > 0.4 ? "bad" : "warn",
  };
}

function silent({ name, silentSeconds, usually }: Standing): Trouble | undefined {
  if (silentSeconds === null || silentSeconds < SILENT_SECONDS || usually.messages / 7 < DAILY_MIN) return undefined;
  return {
    name,
    sentence: `no webhook for ${duration(silentSeconds)}; usually ${count(Math.round(usually.messages / 7))} messages a day`,
    weight: 200,
    tone: "warn",
  };
}

function shareOf(part: number, whole: number): number {
  return whole === 0 ? 0 : part / whole;
}

function hoursOf(hours: number): string {
  return hours === 1 ? "hour" : `${String(hours)} hours`;
}
