import { freeLoopbackPort } from "../scripts/free-port.mjs";
import { launch, untilReadyAt } from "./processes.mjs";

export const ACCOUNT_TOKEN = "bench-account-token-0123456789";

/** Our api on a Redis that has data. @param {string} storeUrl @param {Record<string, string>} env */
export async function startApi(storeUrl, env = {}) {
  const [port, opsPort] = [await freeLoopbackPort(), await freeLoopbackPort()];
  const child = launch("apps/api/dist/main.js", {
    REDIS_URL: storeUrl,
    API_PORT: String(port),
    API_OPS_PORT: String(opsPort),
    TICKTALLY_ACCOUNT_TOKEN: ACCOUNT_TOKEN,
    API_RATE_LIMIT_PER_MINUTE: "100000000",
    LOG_LEVEL: "warn",
    ...env,
  });
  await untilReadyAt(child, opsPort);
  return { child, port, opsPort };
}
