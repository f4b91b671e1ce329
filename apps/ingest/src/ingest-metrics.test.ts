import { DEFAULT_GATEWAY } from "@ticktally/gateways";
import { Registry } from "@ticktally/telemetry";
import { describe, expect, it } from "vitest";
import { IngestMetrics } from "./ingest-metrics.ts";

const linesOf = async (registry: Registry) =>
  (await registry.getSingleMetricAsString("ticktally_webhooks_received_total")).split("\n");

describe("IngestMetrics", () => {
  it("has every outcome as 0 before the first request, with all known types", async () => {
    const registry = new Registry();
    new IngestMetrics(registry, [DEFAULT_GATEWAY]);
    const [, type, ...samples] = await linesOf(registry);
    expect(type).toBe("# TYPE ticktally_webhooks_received_total counter");
    expect(samples.every((line) => line.endsWith(" 0"))).toBe(true);
    expect(new Set(samples).size).toBe(samples.length);
    expect(samples).toContain(
      'ticktally_webhooks_received_total{outcome="accepted",type="outgoingMessageStatus",gateway="green-api"} 0',
    );
    expect(samples).toContain(
      'ticktally_webhooks_received_total{outcome="unavailable",type="other",gateway="green-api"} 0',
    );
    expect(samples.filter((line) => line.includes('"unauthorized"'))).toEqual([
      'ticktally_webhooks_received_total{outcome="unauthorized",type="none",gateway="green-api"} 0',
    ]);
  });

  it("keeps counting across scrapes", async () => {
    const registry = new Registry();
    const metrics = new IngestMetrics(registry, [DEFAULT_GATEWAY]).of(DEFAULT_GATEWAY);
    for (let scrape = 1; scrape < 4; scrape++) {
      metrics.received("accepted", "stateInstanceChanged");
      metrics.received("not_json");
      const lines = await linesOf(registry);
      expect(lines).toContain(
        `ticktally_webhooks_received_total{outcome="accepted",type="stateInstanceChanged",gateway="green-api"} ${scrape}`,
      );
      expect(lines).toContain(
        `ticktally_webhooks_received_total{outcome="not_json",type="none",gateway="green-api"} ${scrape}`,
      );
    }
  });
});
