import { ACTIONS, MESSAGES } from "../fixtures/message-data.ts";
import { randomOf, type Day, type DayOptions, type Random } from "./day.ts";
import type { Message } from "../../packages/schemas/src/index.ts";
import { freshInstance, nowSeconds, observation, statusOf } from "./webhooks.ts";

const PROGRESS = ["pending", "sent", "sent", "delivered", "delivered", "read", "read", "played"];
const FAILURES = ["failed", "failed", "noAccount", "notInGroup", "noActiveSession"];
const TEXTS = ["Uploader Error", "Error: Timed Out", "file should not be empty. URL: x", "?", ""];
/** Short, so that many statuses of a message fall into the same second. */
const SECONDS_OF_A_MESSAGE = 12;

interface ContradictoryDayOptions extends DayOptions {
  /** How many messages get webhooks at the same time. Default: all. */
  readonly atOnce?: number;
  /** Without failures, webhooks contradict nothing, and counts only grow. Default: with. */
  readonly withFailures?: boolean;
}

/**
 * Webhooks that contradict each other: one message is reported as failed and as read, sometimes in the same second, for several recipients,
 * more than once and in random order. The counts must not depend on the order.
 */
export function contradictoryDay(options: ContradictoryDayOptions): Day {
  const { size, messages, instanceCount, seed, atOnce = messages, withFailures = true } = options;
  const random = randomOf(seed);
  const instances = Array.from({ length: instanceCount }, freshInstance);
  const start = nowSeconds() - 20 * 3600;
  const webhooks: string[] = [];
  while (webhooks.length < size) {
    const first = Math.floor((webhooks.length / size) * (messages - atOnce));
    const n = first + random(atOnce);
    const instance = instances[n % instanceCount] ?? "";
    const webhook = JSON.stringify(webhookOf(instance, n, start, randomOf(seed * 7919 + n), random, withFailures));
    webhooks.push(webhook);
    if (random(5) === 0) webhooks.push(webhook);
  }
  return { instances, webhooks: webhooks.slice(0, size) };
}

/** @param fixed draws the same values for each webhook of a message @param random draws the values of this webhook */
function webhookOf(
  instance: string,
  n: number,
  start: number,
  fixed: Random,
  random: Random,
  withFailures: boolean,
): object {
  const id = `3EB0${n.toString(16).toUpperCase().padStart(12, "0")}`;
  const at = start + fixed(18 * 3600);
  const from = (["incoming", "phone", "api", "api", "api"] as const)[fixed(5)] ?? "api";
  const isAction = fixed(20) === 0;
  const bodies = isAction ? ACTIONS : MESSAGES;
  const body = bodies[fixed(bodies.length)]?.messageData;
  const kind = (["individual", "individual", "group", "story", "list"] as const)[fixed(5)] ?? "individual";
  const [person, mayFail] = [1000 + fixed(400), withFailures && fixed(2) === 0];
  const chatId = { ...CHATS, individual: `7900${person}@c.us` }[kind];
  if (from === "incoming" || isAction || random(5) === 0)
    return observation(from, instance, id, body, { timestamp: at, senderData: { chatId } });
  const recipient = kind === "group" ? chatId : recipientOf(person + (kind === "individual" ? 0 : random(4)), random);
  return anyStatus(instance, id, mayFail, random, {
    chatId: recipient,
    sendByApi: from === "api",
    timestamp: at + 1 + random(SECONDS_OF_A_MESSAGE),
  });
}

/** Three more statuses for each of some counted messages. */
export function contradictoryStatuses(instance: string, messages: readonly Message[], seed: number): readonly string[] {
  const random = randomOf(seed);
  return messages
    .toSorted((a, b) => (a.idMessage < b.idMessage ? -1 : 1))
    .flatMap(({ idMessage, chatId, origin, timeline, observedAt }) => {
      const at = Date.parse(timeline[0]?.at ?? observedAt ?? "") / 1000;
      return [1, 2, 3].map(() => {
        const timestamp = at - 4 + random(SECONDS_OF_A_MESSAGE);
        const more = { chatId: chatId ?? undefined, sendByApi: origin === "api", timestamp };
        return JSON.stringify(anyStatus(instance, idMessage, true, random, more));
      });
    });
}

function anyStatus(instance: string, id: string, mayFail: boolean, random: Random, more: object): object {
  const isFailure = mayFail && random(3) === 0;
  const words = isFailure ? FAILURES : PROGRESS;
  const description = isFailure ? { description: TEXTS[random(TEXTS.length)] } : {};
  return statusOf(instance, id, words[random(words.length)] ?? "sent", { ...more, ...description });
}

const CHATS = { group: "7900100-1586700690@g.us", story: "status@broadcast", list: "1586700690@broadcast" };

/** A person has a phone number and a hidden number. */
function recipientOf(person: number, random: Random): string {
  return random(8) === 0 ? `8800${person}@lid` : `7900${person}@c.us`;
}
