import { relative } from "node:path";
import { reachableHost } from "./start-settings.mjs";

const EXAMPLE_INSTANCE = 7103000000;
const EXAMPLE_WEBHOOK = {
  typeWebhook: "outgoingMessageStatus",
  chatId: "79001234567@c.us",
  instanceData: { idInstance: EXAMPLE_INSTANCE, wid: "79876543210@c.us", typeInstance: "whatsapp" },
  timestamp: "now",
  idMessage: "3EB0608D6A2901063D63",
  status: "delivered",
  sendByApi: true,
};

/**
 * What `npm start` prints when all is up: where things are, and a try that works as pasted.
 *
 * @param {import("./start-settings.mjs").StartSettings} settings
 * @param {import("./tokens.mjs").Tokens} tokens
 * @param {string} redis what keeps the data, for people
 */
export function readyBanner({ host, opsHost, ports, processes, dataDir, durability, redisUrl }, tokens, redis) {
  const origin = `http://${reachableHost(host)}`;
  const webhooks = `${origin}:${ports.INGEST_PORT}/webhooks/green-api`;
  const metrics = `${origin}:${ports.API_PORT}/metrics`;
  const data = redisUrl === undefined ? `${display(dataDir)} (${redis}, ${durability})` : redis;
  const several = Object.entries(processes).some(([, count]) => count > 1);
  const counted = `\n  processes  ingest ${processes.ingest}, worker ${processes.worker}, api 1 (further ops ports: + 10 each)`;
  // The `sleep` between the two: a webhook is acknowledged when it is stored, and counted a moment later.
  const webhook = shellQuote(JSON.stringify(EXAMPLE_WEBHOOK)).replace('"now"', "'$(date +%s)'");
  const authorization = shellQuote(`Authorization: Bearer ${tokens.webhookToken}`);
  return `
Ticktally is ready.

  webhooks   ${webhooks}
  metrics    ${metrics}/<instance>
  prometheus http://${reachableHost(opsHost)}:${ports.API_OPS_PORT}/metrics
  data       ${data}${several ? counted : ""}

Try it: report that a message was delivered just now, then read today's counts.

  curl -sS ${webhooks} -H ${authorization} -H 'Content-Type: application/json' -d ${webhook}
  sleep 1
  curl -sS "${metrics}/${EXAMPLE_INSTANCE}/series?from=$(date -u +%F)" -H ${shellQuote(`token: ${tokens.accountToken}`)}

${tokens.file === undefined ? "" : `Tokens are kept in ${display(tokens.file)}. `}Ctrl-C stops everything; the data stays.
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
