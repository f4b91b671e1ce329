import { describe, expect, it } from "vitest";
import { EnvironmentError, ingestEnvironment, readEnvironment } from "./environment.ts";

const GOOD = { REDIS_URL: "redis://127.0.0.1:6379", TICKTALLY_WEBHOOK_TOKEN: "0123456789abcdef" };

const FILES: Readonly<Record<string, string>> = { "/run/token": " 0123456789abcdef-of-a-file\n", "/run/empty": "\n" };
const readFile = (path: string): string => {
  const text = FILES[path];
  if (text === undefined) throw Object.assign(new Error("no such file"), { code: "ENOENT" });
  return text;
};

function faultsOf(variables: NodeJS.ProcessEnv): readonly string[] {
  try {
    readEnvironment(ingestEnvironment, variables, readFile);
    return [];
  } catch (error) {
    return error instanceof EnvironmentError ? error.faults : ["something else was thrown"];
  }
}

describe("readEnvironment", () => {
  it("requires a Redis and a token, and has defaults for the rest", () => {
    expect(readEnvironment(ingestEnvironment, GOOD)).toMatchObject({
      INGEST_PORT: 8080,
      REDIS_CLUSTER: false,
      QUEUE_SHARDS: 1,
    });
  });

  it("treats an empty variable as not set", () => {
    expect(readEnvironment(ingestEnvironment, { ...GOOD, INGEST_PORT: "" }).INGEST_PORT).toBe(8080);
  });

  it("reports all faults at once, without values", () => {
    const faults = faultsOf({
      INGEST_PORT: "99999",
      QUEUE_SHARDS: "none",
      TICKTALLY_WEBHOOK_TOKEN: "s3cret",
      REDIS_CLUSTER: "perhaps",
    });
    const names = ["INGEST_PORT", "QUEUE_SHARDS", "TICKTALLY_WEBHOOK_TOKEN", "REDIS_CLUSTER", "REDIS_URL"];
    expect(names.filter((name) => !faults.some((fault) => fault.startsWith(`${name} `)))).toEqual([]);
    expect(faults.join()).not.toMatch(/s3cret|99999|perhaps/);
  });

  it("says what a value must be", () => {
    expect(faultsOf({ ...GOOD, QUEUE_SHARDS: "none" })).toEqual(["QUEUE_SHARDS must be a number"]);
    expect(faultsOf({ ...GOOD, QUEUE_SHARDS: "2.5" })).toEqual(["QUEUE_SHARDS must be a whole number"]);
    expect(faultsOf({ ...GOOD, TICKTALLY_WEBHOOK_TOKEN: "" })).toEqual(["TICKTALLY_WEBHOOK_TOKEN is required"]);
  });

  it("limits the number of queues to those that every process reads", () => {
    expect(readEnvironment(ingestEnvironment, { ...GOOD, QUEUE_SHARDS: "64" }).QUEUE_SHARDS).toBe(64);
    expect(faultsOf({ ...GOOD, QUEUE_SHARDS: "65" })).toEqual(["QUEUE_SHARDS must be at most 64"]);
  });

  it.each([
    "127.0.0.1:4318",
    "ftp://127.0.0.1",
    "http://",
    "http://:4318",
    "http://[::1",
    "http://a:99999",
    "http://a b",
  ])("refuses %s as an address for traces, and says what is valid", (address) => {
    const name = "OTEL_EXPORTER_OTLP_ENDPOINT";
    const faults = faultsOf({ ...GOOD, [name]: address });
    expect(faults.join()).toMatch(new RegExp(`^${name} must (be an address such as http://|begin with http://)`));
    expect(faultsOf({ ...GOOD, [name]: "http://[::1]:4318/otlp" })).toEqual([]);
  });

  it("accepts networks in the usual notations, and refuses to trust every address", () => {
    const env = { ...GOOD, WEBHOOK_ALLOWED_IPS: " 203.0.113.7,2001:db8::/32, ", TRUST_PROXY: "uniquelocal,10.0.0.0/8" };
    expect(readEnvironment(ingestEnvironment, env)).toMatchObject({
      WEBHOOK_ALLOWED_IPS: ["203.0.113.7", "2001:db8::/32"],
      TRUST_PROXY: ["uniquelocal", "10.0.0.0/8"],
    });
    for (const item of ["10.0.0.0/33", "203.0.113", "example.org", "1.2.3.4/", "1.2.3.4/8/8", "loopback"])
      expect(faultsOf({ ...GOOD, WEBHOOK_ALLOWED_IPS: item }).join()).toMatch(/^WEBHOOK_ALLOWED_IPS must be/);
    for (const item of ["true", "1", "*"])
      expect(faultsOf({ ...GOOD, TRUST_PROXY: item }).join()).toMatch(/^TRUST_PROXY must be/);
  });
});

describe("a secret", () => {
  const withoutToken = { REDIS_URL: GOOD.REDIS_URL };

  it("may be in a file, whose content is trimmed", () => {
    const env = { ...withoutToken, TICKTALLY_WEBHOOK_TOKEN: "", TICKTALLY_WEBHOOK_TOKEN_FILE: "/run/token" };
    const { TICKTALLY_WEBHOOK_TOKEN } = readEnvironment(ingestEnvironment, env, readFile);
    expect(TICKTALLY_WEBHOOK_TOKEN).toBe("0123456789abcdef-of-a-file");
  });

  it.each([
    [{ ...GOOD, TICKTALLY_WEBHOOK_TOKEN_FILE: "/run/token" }, /^TICKTALLY_WEBHOOK_TOKEN and .*_FILE are both set/],
    [{ ...withoutToken, TICKTALLY_WEBHOOK_TOKEN_FILE: "/run/none" }, /cannot be read from .*_FILE \(ENOENT\)$/],
    [{ ...withoutToken, TICKTALLY_WEBHOOK_TOKEN_FILE: "/run/empty" }, /cannot be read from .*_FILE \(it is empty\)$/],
  ])("is refused with one clear message if its file cannot be used (%#)", (env, fault) => {
    expect(faultsOf(env)).toEqual([expect.stringMatching(fault)]);
    expect(faultsOf(env).join()).not.toContain("/run");
  });

  it("of another process is not read", () => {
    expect(faultsOf({ ...GOOD, TICKTALLY_ACCOUNT_TOKEN_FILE: "/run/none" })).toEqual([]);
  });

  it("that is a published placeholder is refused in production", () => {
    const published = {
      REDIS_URL: "redis://:change-me@redis:6379",
      TICKTALLY_WEBHOOK_TOKEN: "Change_Me-to-24-or-more-random-characters",
    };
    expect(faultsOf(published)).toEqual([]);
    expect(faultsOf({ ...published, NODE_ENV: "production" })).toEqual([
      expect.stringMatching(/^REDIS_URL has a published placeholder as its password: .*openssl rand/),
      expect.stringMatching(/^TICKTALLY_WEBHOOK_TOKEN is a published placeholder: .*openssl rand/),
    ]);
  });
});
