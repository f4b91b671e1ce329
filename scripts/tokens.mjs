/**
 * The two tokens Ticktally cannot run without: one that administers everything, one that webhooks are sent with. Made at the
 * first start and kept in the data folder, so that trying it out needs no configuration.
 */
import { randomBytes } from "node:crypto";
import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { Fault } from "./fault.mjs";
import { parseJson } from "./json.mjs";

/** @typedef {{ accountToken: string, webhookToken: string, file: string | undefined }} Tokens */

/**
 * @param {string} dataDir
 * @param {NodeJS.ProcessEnv} env
 * @returns {Tokens} `file` is where they are kept, undefined when both came from the environment
 * @throws {Fault} NODE_ENV=production and one is not set, or the file cannot be read
 */
export function resolveTokens(dataDir, env) {
  /** @param {string} name */
  const given = (name) => (env[name] === "" ? undefined : env[name]);
  const accountToken = given("TICKTALLY_ACCOUNT_TOKEN");
  const webhookToken = given("TICKTALLY_WEBHOOK_TOKEN");
  if (accountToken !== undefined && webhookToken !== undefined) return { accountToken, webhookToken, file: undefined };
  if (env["NODE_ENV"] === "production") {
    throw new Fault(
      "With NODE_ENV=production, TICKTALLY_ACCOUNT_TOKEN and TICKTALLY_WEBHOOK_TOKEN must both be set: none is made up.",
      Fault.CONFIGURATION,
    );
  }
  const file = join(dataDir, "tokens.json");
  const kept = existsSync(file) ? read(file) : create(dataDir, file);
  return {
    accountToken: accountToken ?? kept.accountToken,
    webhookToken: webhookToken ?? kept.webhookToken,
    file,
  };
}

/**
 * @param {string} dataDir
 * @param {string} file
 */
function create(dataDir, file) {
  const tokens = { accountToken: newToken(), webhookToken: newToken() };
  mkdirSync(dataDir, { recursive: true, mode: 0o700 });
  writeFileSync(file, `${JSON.stringify(tokens, undefined, 2)}\n`, { mode: 0o600, flag: "wx" });
  return tokens;
}

/** 192 bits, in letters that need no quoting in a shell, a URL or a header. */
function newToken() {
  return randomBytes(24).toString("hex");
}

/**
 * @param {string} file
 * @returns {{ accountToken: string, webhookToken: string }}
 */
function read(file) {
  try {
    const content = parseJson(readFileSync(file, "utf8"));
    const { accountToken, webhookToken } = /** @type {Record<string, unknown>} */ (content);
    if (typeof accountToken === "string" && typeof webhookToken === "string") return { accountToken, webhookToken };
  } catch {
    // Not JSON: the same advice as for JSON without tokens.
  }
  throw new Fault(`${file} holds no tokens: restore it, or delete it to have new ones made.`, Fault.CONFIGURATION);
}
