// Realistic webhooks over many instances (Zipf: a few are busy): messages sent by API and phone, observed, sent, delivered,
// mostly read, some failed; messages received; and one in a hundred webhooks repeated.

/** The counts that a contender must have at the end. */
export type Totals = typeof ZERO_TOTALS;
/** `bodies` in the order of posting; `steps`: which total each of them increases, if any. */
export interface Traffic {
  bodies: string[];
  steps: (keyof Totals | undefined)[];
  totals: Totals;
}
type Kind = "received" | "api" | "phone";
/** `steps` are the remaining ones. */
interface Message {
  id: string;
  instance: number;
  chat: string;
  kind: Kind;
  steps: string[];
}

const ZERO_TOTALS = { received: 0, observed: 0, sent: 0, delivered: 0, read: 0, failed: 0 };
/** The number of messages in progress at a time, whose webhooks are mixed. */
const OPEN_MAX = 400;
const REPEATED_SHARE = 0.01;

/**
 * @param options now: Unix ms
 * @returns the same webhooks for the same options; a shorter list is the beginning of a longer one
 */
export function makeTraffic({
  webhooks,
  instances = 1000,
  seed = 1,
  now = Date.now(),
}: {
  webhooks: number;
  instances?: number;
  seed?: number;
  now?: number;
}): Traffic {
  const random = randomFrom(seed);
  const pickInstance = zipf(random, instances);
  const bodies: string[] = [];
  const steps: Traffic["steps"] = [];
  const open: Message[] = [];
  let time = Math.floor(now / 1000) - 3600;
  while (bodies.length < webhooks) {
    while (open.length < OPEN_MAX) open.push(newMessage(random, pickInstance()));
    const at = Math.floor(random() * open.length);
    const message = open[at];
    const step = message?.steps.shift();
    if (message === undefined || step === undefined) break;
    if (random() < 0.01) time += 1;
    const body = JSON.stringify(webhookOf(message, step, time));
    bodies.push(body);
    steps.push(step as keyof Totals);
    if (random() < REPEATED_SHARE && bodies.length < webhooks) {
      bodies.push(body);
      steps.push(undefined);
    }
    if (message.steps.length === 0) open.splice(at, 1);
  }
  return { bodies, steps, totals: totalsOf(steps) };
}

/** The totals after these steps. */
export function totalsOf(steps: Traffic["steps"]) {
  const totals = { ...ZERO_TOTALS };
  for (const step of steps) if (step !== undefined) totals[step] += 1;
  return totals;
}

function newMessage(random: () => number, instance: number): Message {
  const of = { id: messageId(random), instance, chat: chatId(random) };
  const draw = random();
  if (draw < 0.25) return { ...of, kind: "received", steps: ["received"] };
  const kind = draw < 0.32 ? "phone" : "api";
  if (random() < 0.03) return { ...of, kind, steps: ["observed", "failed"] };
  const steps = ["observed", "sent", "delivered", "read"];
  return { ...of, kind, steps: random() < 0.7 ? steps : steps.slice(0, 3) };
}

const OBSERVATIONS = {
  received: "incomingMessageReceived",
  api: "outgoingAPIMessageReceived",
  phone: "outgoingMessageReceived",
};

function webhookOf({ id: idMessage, instance, chat: chatId, kind }: Message, step: string, timestamp: number) {
  const instanceData = { idInstance: instance, wid: "79876543210@c.us", typeInstance: "whatsapp" };
  if (step === "observed" || step === "received") {
    const senderData = { chatId, sender: "79876543210@c.us", chatName: "John", senderName: "John" };
    const messageData = { typeMessage: "textMessage", textMessageData: { textMessage: "Your order is on its way." } };
    return { typeWebhook: OBSERVATIONS[kind], instanceData, timestamp, idMessage, senderData, messageData };
  }
  const typeWebhook = "outgoingMessageStatus";
  const failure = step === "failed" ? { description: "Upload request was failed: 413" } : {};
  const sendByApi = kind === "api";
  return { typeWebhook, chatId, instanceData, timestamp, idMessage, status: step, sendByApi, ...failure };
}

/** @returns draws instance ids; the frequency of the nth is proportional to 1/n */
function zipf(random: () => number, instances: number): () => number {
  const weights = Array.from({ length: instances }, (_, i) => 1 / (i + 1));
  const total = weights.reduce((sum, weight) => sum + weight, 0);
  return () => {
    let at = random() * total;
    const index = weights.findIndex((weight) => (at -= weight) <= 0);
    return 1_101_000_000 + Math.max(0, index);
  };
}

/** A small generator of pseudo-random numbers, so that every contender gets the same webhooks (mulberry32). */
export function randomFrom(seed: number) {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 4_294_967_296;
  };
}

export function messageId(random: () => number) {
  const digits = () =>
    Math.floor(random() * 2 ** 32)
      .toString(16)
      .padStart(8, "0");
  return `3EB0${digits()}${digits()}`.toUpperCase();
}

function chatId(random: () => number) {
  return random() < 0.1
    ? `1203633476931${10_000 + Math.floor(random() * 50)}@g.us`
    : `7900${1_000_000 + Math.floor(random() * 20_000)}@c.us`;
}
