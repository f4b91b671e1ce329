/** The settings that are secrets. Each can also be given as `NAME_FILE`, the file that holds it. */
export const SECRETS = [
  "REDIS_URL",
  "TICKTALLY_WEBHOOK_TOKEN",
  "TICKTALLY_ACCOUNT_TOKEN",
  "TICKTALLY_PSEUDONYM_KEY",
  "FORWARD_KEY",
] as const;

/** Placeholders in examples and manifests. They are published, so they are not secret. */
const PLACEHOLDER = /change[-_ ]?me/i;

export interface Given {
  readonly variables: Readonly<Record<string, string>>;
  /** Keyed by the secret's name. */
  readonly faults: ReadonlyMap<string, string>;
}

/**
 * Sets `NAME` to the content of `NAME_FILE`, for those secrets that the process reads.
 *
 * @param names the settings that the process reads
 * @param readFile returns the content of a file; throws what `node:fs` throws
 */
export function withSecretFiles(
  variables: Readonly<Record<string, string>>,
  names: readonly string[],
  readFile: (path: string) => string,
  secrets: readonly string[] = SECRETS,
): Given {
  const [filled, faults] = [{ ...variables }, new Map<string, string>()];
  for (const name of secrets.filter((secret) => names.includes(secret))) {
    const path = variables[`${name}_FILE`];
    if (path === undefined) continue;
    if (variables[name] !== undefined) {
      faults.set(name, `and ${name}_FILE are both set: set one of them`);
      continue;
    }
    const content = contentOf(path, readFile);
    if ("fault" in content) faults.set(name, `cannot be read from ${name}_FILE (${content.fault})`);
    else filled[name] = content.text;
  }
  return { variables: filled, faults };
}

/** The secrets that are published placeholders, and what to do about it. */
export function placeholderFaults(
  variables: Readonly<Record<string, string>>,
  names: readonly string[],
  secrets: readonly string[] = SECRETS,
): ReadonlyMap<string, string> {
  const published = secrets.filter((name) => names.includes(name) && PLACEHOLDER.test(variables[name] ?? ""));
  return new Map(
    published.map((name) => [
      name,
      `${name === "REDIS_URL" ? "has a published placeholder as its password" : "is a published placeholder"}: make one of your own with \`openssl rand -hex 24\``,
    ]),
  );
}

/** The path is not shown: a secret may have been put there by mistake. */
function contentOf(path: string, readFile: (path: string) => string): { text: string } | { fault: string } {
  try {
    const text = readFile(path).trim();
    return text === "" ? { fault: "it is empty" } : { text };
  } catch (error) {
    return { fault: error instanceof Error && "code" in error ? String(error.code) : "unknown error" };
  }
}
