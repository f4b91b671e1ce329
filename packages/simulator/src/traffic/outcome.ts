import type { Character } from "./characters.ts";
import type { SimulatedEvent } from "./message.ts";
import type { Random } from "./random.ts";
import { localHour } from "./rhythm.ts";
import { FAILURES, GROUP_TOO_LARGE, INCIDENT } from "./types.ts";

export interface Sent {
  /** Unix seconds */
  readonly at: number;
  readonly isGroup: boolean;
  readonly isFile: boolean;
  readonly isAudio: boolean;
  /** Share of messages that fail at present. */
  readonly incidentShare: number;
}

const HOUR = 3_600;
/** Nothing happens to a message later than this after it was sent. */
export const LAST_EVENT_SECONDS = 60 * HOUR;
/** Share of sent messages whose recipient's phone stays off. */
const NEVER_DELIVERED = 0.012;
const DELIVERED_LATE = 0.03;
/** The chat is open: the gateway reports `read` and no `delivered`. */
const READ_AT_ONCE = 0.06;
const PARKED = 0.003;
const CONTRADICTED = 0.0015;

/** Everything that happens to an outgoing message after its observation. */
export function outcomeOf(character: Character, message: Sent, random: Random): readonly SimulatedEvent[] {
  const { at, isGroup, isFile, incidentShare } = message;
  if (random.chance(incidentShare)) {
    const why = isFile ? INCIDENT.file : INCIDENT.other;
    return [{ what: "failed", at: at + 2 + random.below(25), ...why }];
  }
  if (!isGroup && random.chance(character.noAccountShare)) {
    return [{ what: "noAccount", at: at + 1 + random.below(3), reason: "no_account" }];
  }
  if (isGroup && random.chance(0.004)) {
    return [{ what: "notInGroup", at: at + 1 + random.below(3), reason: "not_in_group" }];
  }
  if (random.chance(character.failedShare)) return failure(message, random);
  const parked = character.campaign !== undefined && random.chance(PARKED);
  const sentAt = at + (parked ? HOUR + random.below(3 * HOUR) : random.below(2));
  const before: SimulatedEvent[] = parked ? [{ what: "yellowCard", at: at + 1 }] : [];
  return [...before, { what: "sent", at: sentAt }, ...arrival(character, message, sentAt, random)];
}

function failure({ at, isGroup, isFile }: Sent, random: Random): readonly SimulatedEvent[] {
  if (isGroup && random.chance(0.3)) return [{ what: "failed", at: at + 2 + random.below(5), ...GROUP_TOO_LARGE }];
  const [first, ...others] = FAILURES.filter(({ isOfFile }) => isFile || !isOfFile);
  if (first === undefined) return [];
  const { reason, description } = random.pick([first, ...others]);
  const failed = (after: number): SimulatedEvent => {
    return { what: "failed", at: at + after, reason, ...(description === undefined ? {} : { description }) };
  };
  const after = 2 + random.below(30);
  const events = random.chance(0.3) ? [{ what: "sent", at: at + 1 } as const, failed(after)] : [failed(after)];
  // The gateway reports one failed upload twice, in other words.
  if (reason !== "upload_failed") return events;
  const again = { reason: "send_file_failed", description: "failed to send message with file" };
  return [...events, { what: "failed", at: at + after + 1, ...again }];
}

function arrival(character: Character, message: Sent, sentAt: number, random: Random): readonly SimulatedEvent[] {
  if (random.chance(NEVER_DELIVERED)) return [];
  const latest = message.at + LAST_EVENT_SECONDS;
  const late = random.chance(DELIVERED_LATE);
  const wait = late ? random.logNormal(2 * HOUR, 1.2) : random.logNormal(2.2, 1.1);
  const deliveredAt = sentAt + Math.round(wait);
  if (deliveredAt > latest) return [];
  const delivered: SimulatedEvent = { what: "delivered", at: deliveredAt };
  if (random.chance(CONTRADICTED)) {
    // Real gateways do this too: a failure before, or after, delivery.
    const failedAt = Math.max(sentAt, deliveredAt + (random.chance(0.5) ? 3 : -3));
    return [delivered, { what: "failed", at: failedAt, reason: "timed_out", description: "Error: Timed Out" }];
  }
  if (!random.chance(character.readShare)) return [delivered];
  if (random.chance(READ_AT_ONCE)) return reading(message, deliveredAt, latest, random);
  const readAt = awake(character, deliveredAt + Math.round(random.logNormal(character.readMedianSeconds, 1.6)), random);
  return readAt > latest ? [delivered] : [delivered, ...reading(message, readAt, latest, random)];
}

function reading({ isAudio }: Sent, readAt: number, latest: number, random: Random): readonly SimulatedEvent[] {
  const read: SimulatedEvent = { what: "read", at: readAt };
  const playedAt = readAt + 1 + Math.round(random.logNormal(15, 1));
  return isAudio && playedAt <= latest && random.chance(0.85) ? [read, { what: "played", at: playedAt }] : [read];
}

/** People who would read at night mostly read in the morning. */
function awake(character: Character, at: number, random: Random): number {
  const hour = localHour(character, at);
  if (hour >= 7 || random.chance(0.1)) return at;
  const morning = (Math.floor(at / HOUR) + (7 - hour)) * HOUR;
  return morning + Math.round(random.logNormal(20 * 60, 0.8));
}
