import { relative } from "node:path";
import { reachableHost } from "./start-settings.mjs";

const EXAMPLE_INSTANCE = 7103000000;
const EXAMPLE_MESSAGE = "3EB0608D6A2901063D63";

/** Two webhooks: a sent message and its delivery, with the current time. */
function exampleWebhooks() {
  const [chatId, wid, now] = ["79001234567@c.us", "79876543210@c.us", "now"];
  const instanceData = { idInstance: EXAMPLE_INSTANCE, wid, typeInstance: "whatsapp" };
  const message = {
    typeWebhook: "outgoingAPIMessageReceived",
    instanceData,
    timestamp: now,
    idMessage: EXAMPLE_MESSAGE,
    senderData: { chatId, sender: wid, chatName: "John" },
    messageData: { typeMessage: "textMessage", textMessageData: { textMessage: "Hello" } },
  };
  const status = {
    typeWebhook: "outgoingMessageStatus",
    chatId,
    instanceData,
    timestamp: now,
    idMessage: EXAMPLE_MESSAGE,
    status: "delivered",
    sendByApi: true,
  };
  return [message, status];
}

/**
 * The text that `npm start` prints when everything is ready: addresses, and example commands that can be pasted.
 *
 * @param {import("./start-settings.mjs").StartSettings} settings
 * @param {import("./tokens.mjs").Tokens} tokens
 * @param {string} redis a description of the Redis
 * @param {{ simulatorPort: number }} [demo] set if the demo runs
 */
export function readyBanner(settings, tokens, redis, demo) {
  const { host, opsHost, ports, processes, dataDir, durability, redisUrl } = settings;
  const origin = `http://${reachableHost(host)}`;
  const webhooks = `${origin}:${ports.INGEST_PORT}/webhooks/green-api`;
  const metrics = `${origin}:${ports.API_PORT}/metrics`;
  const data = redisUrl === undefined ? `${display(dataDir)} (${redis}, ${durability})` : redis;
  const several = Object.entries(processes).some(([, count]) => count > 1);
  const counted = `\n  processes  ingest ${processes.ingest}, worker ${processes.worker}, api 1, forwarder 1 (further ops ports: + 10 each)`;
  const token = shellQuote(`token: ${tokens.accountToken}`);
  const examples =
    demo === undefined
      ? firstTry(webhooks, `${metrics}/${EXAMPLE_INSTANCE}`, tokens.webhookToken, token)
      : demoTour(metrics, token, demo.simulatorPort);
  return `
Ticktally is ready.

  console    ${origin}:${ports.API_PORT}/  (sign in with ${tokens.accountToken})
  webhooks   ${webhooks}
  metrics    ${metrics}/<instance>
  prometheus http://${reachableHost(opsHost)}:${ports.API_OPS_PORT}/metrics
  data       ${data}${several ? counted : ""}

${examples}
${tokens.file === undefined ? "" : `Tokens are stored in ${display(tokens.file)}. `}Ctrl-C stops everything; the data stays.
`;
}

/**
 * @param {string} webhooks
 * @param {string} metrics
 * @param {string} webhookToken
 * @param {string} token
 */
function firstTry(webhooks, metrics, webhookToken, token) {
  const authorization = shellQuote(`Authorization: Bearer ${webhookToken}`);
  const posts = exampleWebhooks().map((webhook) => {
    const body = shellQuote(JSON.stringify(webhook)).replace('"now"', "'$(date +%s)'");
    return `  curl -sS ${webhooks} -H ${authorization} -H 'Content-Type: application/json' -d ${body}\n`;
  });
  // `sleep`, because a webhook is counted a moment after it was stored and acknowledged.
  return `Try it: report that a message was sent and delivered just now, then read today's counts, or watch them in the console.

${posts.join("")}  sleep 1
  curl -sS "${metrics}/series?from=$(date -u +%F)" -H ${token}
`;
}

/**
 * @param {string} metrics
 * @param {string} token
 * @param {number} simulatorPort
 */
function demoTour(metrics, token, simulatorPort) {
  return `This is the demo: thirty days of simulated traffic of nine instances, which continues live.
The instances are shop, clinic, bot, newsletter, support, school, couriers, travel and codes. Open the console, or look at:

  curl -sS ${metrics}/shop -H ${token}
  curl -sS '${metrics}/newsletter/series?step=day' -H ${token}
  curl -sS ${metrics}/newsletter/failures -H ${token}
  curl -sS ${metrics}/clinic/latency -H ${token}

To let half of the shop's messages fail for five minutes, from the next minute on:

  curl -sS -X POST 'http://127.0.0.1:${simulatorPort}/spike?instance=shop&minutes=5&share=0.5'
`;
}

/** @param {string} path */
function display(path) {
  const fromHere = relative(process.cwd(), path);
  return fromHere.startsWith("..") ? path : fromHere;
}

/** @param {string} text */
function shellQuote(text) {
  return `'${text.replaceAll("'", `'\\''`)}'`;
}
