// Realistic webhooks: messages over many instances (Zipf: a few are busy), each observed, sent, delivered, mostly read.

/** A small generator of pseudo-random numbers, so that every contender gets the same webhooks (mulberry32). @param {number} seed */
function randomFrom(seed) {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 4_294_967_296;
  };
}

/**
 * @param {{ webhooks: number, instances: number, seed?: number, now: number }} options now: Unix ms
 * @returns {string[]} bodies, in the order they are posted
 */
export function makeTraffic({ webhooks, instances, seed = 1, now }) {
  const random = randomFrom(seed);
  const weights = Array.from({ length: instances }, (_, i) => 1 / (i + 1));
  const total = weights.reduce((sum, weight) => sum + weight, 0);
  const pickInstance = () => {
    let at = random() * total;
    const index = weights.findIndex((weight) => (at -= weight) <= 0);
    return 1_101_000_000 + Math.max(0, index);
  };
  const bodies = [];
  const open = [];
  let time = Math.floor(now / 1000) - 3600;
  while (bodies.length < webhooks) {
    if (open.length < 200 || random() < 0.27) {
      const message = {
        id: messageId(random),
        instance: pickInstance(),
        chat: chatId(random),
        stage: 0,
        isReadLast: random() < 0.7,
      };
      open.push(message);
    }
    const at = Math.floor(random() * open.length);
    const message = open[at];
    if (message === undefined) continue;
    time += random() < 0.01 ? 1 : 0;
    bodies.push(JSON.stringify(webhookOf(message, time)));
    message.stage += 1;
    if (message.stage > (message.isReadLast ? 3 : 2)) open.splice(at, 1);
  }
  return bodies;
}

/** @param {{ id: string, instance: number, chat: string, stage: number }} message @param {number} timestamp */
function webhookOf({ id, instance, chat, stage }, timestamp) {
  const instanceData = { idInstance: instance, wid: "79876543210@c.us", typeInstance: "whatsapp" };
  if (stage === 0) {
    const senderData = { chatId: chat, sender: "79876543210@c.us", chatName: "John", senderName: "John" };
    const messageData = { typeMessage: "textMessage", textMessageData: { textMessage: "Your order is on its way." } };
    return {
      typeWebhook: "outgoingAPIMessageReceived",
      instanceData,
      timestamp,
      idMessage: id,
      senderData,
      messageData,
    };
  }
  const status = ["sent", "delivered", "read"][stage - 1];
  return {
    typeWebhook: "outgoingMessageStatus",
    chatId: chat,
    instanceData,
    timestamp,
    idMessage: id,
    status,
    sendByApi: true,
  };
}

/** @param {() => number} random */
export function messageId(random) {
  const digits = () =>
    Math.floor(random() * 2 ** 32)
      .toString(16)
      .padStart(8, "0");
  return `3EB0${digits()}${digits()}`.toUpperCase();
}

/** @param {() => number} random */
function chatId(random) {
  return random() < 0.1
    ? `1203633476931${10_000 + Math.floor(random() * 50)}@g.us`
    : `7900${1_000_000 + Math.floor(random() * 20_000)}@c.us`;
}
