export const APP_SECRET = "META_APP_SECRET";
export const VERIFY_TOKEN = "META_VERIFY_TOKEN";

export interface AppSecret {
  readonly secret: string;
  /** Ids of numbers or business accounts that the secret is for; empty: any. */
  readonly accounts: ReadonlySet<string>;
}

/** Each invalid body is compared with every one of them. */
const SECRETS_MAX = 32;
const REMEMBERED_MAX = 16;
const remembered = new Map<string, readonly AppSecret[]>();

/**
 * The secrets of a setting: a list separated by commas, each for any account, or `<id>=<secret>` for one number or business account.
 * Several ids may have the same secret.
 */
export function secretsOf(setting: string | undefined): readonly AppSecret[] {
  if (setting === undefined) return [];
  const known = remembered.get(setting);
  if (known !== undefined) return known;
  const secrets = parsed(setting);
  if (remembered.size >= REMEMBERED_MAX) remembered.clear();
  remembered.set(setting, secrets);
  return secrets;
}

function parsed(setting: string): readonly AppSecret[] {
  const accounts = new Map<string, Set<string>>();
  const unlimited = new Set<string>();
  for (const entry of setting.split(",").map((text) => text.trim())) {
    const [, account, own] = SCOPED.exec(entry) ?? [];
    const secret = own ?? entry;
    if (secret === "") continue;
    const ids = accounts.get(secret) ?? new Set();
    if (account === undefined) unlimited.add(secret);
    else ids.add(account);
    accounts.set(secret, ids);
  }
  return [...accounts]
    .map(([secret, ids]) => ({ secret, accounts: unlimited.has(secret) ? NO_ACCOUNTS : ids }))
    .slice(0, SECRETS_MAX);
}

const SCOPED = /^(\d{5,32})=(.+)$/;
const NO_ACCOUNTS: ReadonlySet<string> = new Set();
