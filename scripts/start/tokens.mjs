/**
 * The two tokens that Ticktally requires (the account token and the webhook token) and the key that encrypts webhooks waiting to be forwarded. They
 * are generated at the first start and kept in the data folder, so that a trial needs no configuration.
 */
import { randomBytes } from "node:crypto";
import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { Fault } from "../process/fault.mjs";
import { parseJson } from "../process/json.mjs";

/** @typedef {{ accountToken: string, webhookToken: string, forwardKey: string | undefined, file: string | undefined }} Tokens */
/** @typedef {{ accountToken: string, webhookToken: string, forwardKey: string }} Kept */

/**
 * @param {string} dataDir
 * @param {NodeJS.ProcessEnv} env
 * @returns {Tokens} `file` is where they are kept; undefined if both tokens are in the environment, and then no key is generated
 * @throws {Fault} NODE_ENV is production and a token is not set, or the file cannot be read
 */
export function resolveTokens(dataDir, env) {
  /** @param {string} name */
  const given = (name) => (env[name] === "" ? undefined : env[name]);
  const accountToken = given("TICKTALLY_ACCOUNT_TOKEN");
  const webhookToken = given("TICKTALLY_WEBHOOK_TOKEN");
  const forwardKey = given("FORWARD_KEY");
  const file = join(dataDir, "tokens.json");
  if (accountToken !== undefined && webhookToken !== undefined) {
    // Targets that an earlier start has stored are encrypted with the key that it generated.
    const kept = forwardKey === undefined && existsSync(file) ? keptIn(file).forwardKey : undefined;
    return { accountToken, webhookToken, forwardKey: forwardKey ?? kept, file: undefined };
  }
  if (env["NODE_ENV"] === "production") {
    throw new Fault(
      "With NODE_ENV=production, TICKTALLY_ACCOUNT_TOKEN and TICKTALLY_WEBHOOK_TOKEN must both be set: they are not generated.",
      Fault.CONFIGURATION,
    );
  }
  const kept = existsSync(file) ? read(file) : create(dataDir, file);
  return {
    accountToken: accountToken ?? kept.accountToken,
    webhookToken: webhookToken ?? kept.webhookToken,
    forwardKey: forwardKey ?? kept.forwardKey,
    file,
  };
}

/**
 * @param {string} dataDir
 * @param {string} file
 * @returns {Kept}
 */
function create(dataDir, file) {
  const tokens = { accountToken: newToken(), webhookToken: newToken(), forwardKey: newKey() };
  mkdirSync(dataDir, { recursive: true, mode: 0o700 });
  writeFileSync(file, `${JSON.stringify(tokens, undefined, 2)}\n`, { mode: 0o600, flag: "wx" });
  return tokens;
}

/** 192 bits in hex, which needs no quoting in a shell, a URL or a header. */
function newToken() {
  return randomBytes(24).toString("hex");
}

/** A key for AES-256, in hex. */
function newKey() {
  return randomBytes(32).toString("hex");
}

/**
 * @param {string} file
 * @returns {Kept}
 */
function read(file) {
  const { forwardKey, ...kept } = keptIn(file);
  if (forwardKey !== undefined) return { ...kept, forwardKey };
  // The file was written by a version without forwarding.
  const tokens = { ...kept, forwardKey: newKey() };
  writeFileSync(file, `${JSON.stringify(tokens, undefined, 2)}\n`, { mode: 0o600 });
  return tokens;
}

/**
 * @param {string} file
 * @returns {Omit<Kept, "forwardKey"> & { forwardKey: string | undefined }}
 */
function keptIn(file) {
  try {
    const content = parseJson(readFileSync(file, "utf8"));
    const { accountToken, webhookToken, forwardKey } = /** @type {Record<string, unknown>} */ (content);
    if (typeof accountToken === "string" && typeof webhookToken === "string")
      return { accountToken, webhookToken, forwardKey: typeof forwardKey === "string" ? forwardKey : undefined };
  } catch {
    // Not JSON: the same error as for JSON without tokens.
  }
  throw new Fault(`${file} holds no tokens: restore it, or delete it to have new ones made.`, Fault.CONFIGURATION);
}
