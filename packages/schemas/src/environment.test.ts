import { describe, expect, it } from "vitest";
import { EnvironmentError, ingestEnvironment, readEnvironment } from "./environment.ts";

const GOOD = { REDIS_URL: "redis://127.0.0.1:6379", TICKTALLY_WEBHOOK_TOKEN: "0123456789abcdef" };

function faultsOf(variables: NodeJS.ProcessEnv): readonly string[] {
  try {
    readEnvironment(ingestEnvironment, variables);
    return [];
  } catch (error) {
    return error instanceof EnvironmentError ? error.faults : ["something else was thrown"];
  }
}

describe("readEnvironment", () => {
  it("needs a Redis and a token, and fills in the rest", () => {
    expect(readEnvironment(ingestEnvironment, GOOD)).toMatchObject({
      INGEST_PORT: 8080,
      REDIS_CLUSTER: false,
      QUEUE_SHARDS: 1,
    });
  });

  it("takes an empty variable as one that is not set", () => {
    expect(readEnvironment(ingestEnvironment, { ...GOOD, INGEST_PORT: "" }).INGEST_PORT).toBe(8080);
  });

  it("names every fault at once and shows no value", () => {
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

  it("takes as many queues as every process looks for, and no more", () => {
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
  ])("refuses to send traces to %s, and says what an address is", (address) => {
    const name = "OTEL_EXPORTER_OTLP_ENDPOINT";
    const faults = faultsOf({ ...GOOD, [name]: address });
    expect(faults.join()).toMatch(new RegExp(`^${name} must (be an address such as http://|begin with http://)`));
    expect(faultsOf({ ...GOOD, [name]: "http://[::1]:4318/otlp" })).toEqual([]);
  });

  it("takes networks as they are written in configurations, and refuses to trust everybody", () => {
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
