import { ACTIONS, MESSAGES } from "../fixtures/message-data.ts";
import { freshInstance, nowSeconds, observation, statusOf } from "./webhooks.ts";

export interface Day {
  readonly instances: readonly string[];
  readonly webhooks: readonly string[];
}

const FAILURES = ["failed", "noAccount", "notInGroup", "noActiveSession"];
const TEXTS = ["Uploader Error", "Error: Timed Out", "SWE004: 1000", "file should not be empty. URL: x", "?", ""];

/**
 * A day of webhooks as an account receives them: received messages and messages sent by phone and API, most of them read, some failed. Many have
 * missing or repeated webhooks. No message contradicts itself, so every order must give the same counts.
 */
export function generatedDay({ size, messages, instanceCount, seed }: DayOptions): Day {
  const random = randomOf(seed);
  const instances = Array.from({ length: instanceCount }, freshInstance);
  const start = nowSeconds() - 20 * 3600;
  const webhooks: string[] = [];
  for (let n = 0; webhooks.length < size; n++) {
    const instance = instances[random(instanceCount)] ?? "";
    // After `messages` messages the ids repeat: their webhooks are repeats with later times.
    const id = `3EB0${(n % messages).toString(16).toUpperCase().padStart(12, "0")}`;
    const history = webhooksOfMessage(instance, id, start + random(18 * 3600), randomOf(seed * 7919 + (n % messages)));
    webhooks.push(...history.slice(0, size - webhooks.length).map((webhook) => JSON.stringify(webhook)));
  }
  return { instances, webhooks };
}

export interface DayOptions {
  readonly size: number;
  /** The maximum number of different message ids. */
  readonly messages: number;
  readonly instanceCount: number;
  readonly seed: number;
}

/** @returns an integer in [0, below) */
export type Random = (below: number) => number;

/** All webhooks of a message. The same `random` gives the same ones, so that repeats of an id never contradict it. */
function webhooksOfMessage(instance: string, id: string, at: number, random: Random): readonly object[] {
  const chatId = `7900${String(1000 + random(400))}${random(8) === 0 ? "-1586700690@g.us" : "@c.us"}`;
  const from = (["incoming", "phone", "api", "api"] as const)[random(4)] ?? "api";
  const isAction = random(20) === 0;
  const bodies = isAction ? ACTIONS : MESSAGES;
  const body = bodies[random(bodies.length)]?.messageData;
  const observed = observation(from, instance, id, body, { timestamp: at, senderData: { chatId } });
  if (from === "incoming" || isAction) return random(5) === 0 ? [observed, observed] : [observed];
  const sendByApi = from === "api";
  const status = (word: string, after: number, more: object = {}) =>
    statusOf(instance, id, word, { chatId, sendByApi, timestamp: at + after, ...more });
  const isObserved = random(6) > 0;
  const events = isObserved ? [observed] : [];
  if (random(8) === 0) {
    const description = TEXTS[random(TEXTS.length)] ?? "";
    const failure = status(FAILURES[random(FAILURES.length)] ?? "failed", 4, { description });
    return [...events, ...(random(2) === 0 ? [status("sent", 1)] : []), failure, failure];
  }
  const delivered = 1 + random(90);
  const steps = [status("sent", 1), status("delivered", delivered), status("read", delivered + random(4000))];
  const reported = steps.slice(0, 1 + random(3)).filter(() => random(9) > 0);
  return [...events, ...reported, ...(random(5) === 0 ? reported : [])];
}

/** The same webhooks in another order. */
export function shuffled(webhooks: readonly string[], seed: number): readonly string[] {
  const random = randomOf(seed);
  const keyed = webhooks.map((webhook) => ({ webhook, key: random(2 ** 30) }));
  return keyed.toSorted((a, b) => a.key - b.key).map(({ webhook }) => webhook);
}

/** mulberry32: a small generator that gives the same numbers everywhere. */
export function randomOf(seed: number): Random {
  let state = seed >>> 0;
  return (below) => {
    state = (state + 0x6d2b79f5) >>> 0;
    let t = state;
    t = Math.imul(t ^ (t >>> 15), t | 1);
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61);
    return ((t ^ (t >>> 14)) >>> 0) % below;
  };
}
