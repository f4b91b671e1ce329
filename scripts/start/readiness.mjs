import { get } from "node:http";
import { setTimeout as delay } from "node:timers/promises";

const POLL_MS = 30;
const ANSWER_WAIT_MS = 2000;
/** After a wait this long, the reason is printed. */
const REMIND_EVERY_MS = 8000;

/**
 * Waits until `/readyz` answers 200, without a time limit: an external Redis may start later.
 *
 * @param {string} name
 * @param {string} origin of its ops port
 * @param {AbortSignal} signal ends the wait
 * @param {(line: string) => void} print
 * @returns {Promise<boolean>} false if the wait was aborted
 */
export async function untilAppReady(name, origin, signal, print) {
  let remindAt = Date.now() + REMIND_EVERY_MS;
  while (!signal.aborted) {
    const { status, detail } = await ask(`${origin}/readyz`);
    if (status === 200) return true;
    if (Date.now() > remindAt) {
      print(`[${name}] is not ready yet: ${detail}`);
      remindAt = Date.now() + REMIND_EVERY_MS;
    }
    await delay(POLL_MS);
  }
  return false;
}

/**
 * @param {string} url
 * @returns {Promise<{ status: number, detail: string }>} status 0 if there was no answer
 */
async function ask(url) {
  return new Promise((resolve) => {
    const request = get(url, { agent: false, timeout: ANSWER_WAIT_MS }, (response) => {
      let body = "";
      response.setEncoding("utf8");
      response.on("data", (/** @type {string} */ chunk) => (body += chunk));
      response.on("end", () => resolve({ status: response.statusCode ?? 0, detail: body.trim().slice(0, 300) }));
      response.on("error", (error) => resolve({ status: 0, detail: error.message }));
    });
    request.on("timeout", () => request.destroy(new Error(`no answer within ${ANSWER_WAIT_MS} ms`)));
    request.on("error", (error) => resolve({ status: 0, detail: error.message }));
  });
}
