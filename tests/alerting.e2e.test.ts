import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { Keys } from "../packages/redis/src/index.ts";
import { AlertReceiver } from "./support/alert-receiver.ts";
import { AppProcess } from "./support/app-process.ts";
import { freePort } from "./support/free-port.ts";
import { startMonitoring, type Monitoring } from "./support/monitoring.ts";
import { hasPrometheus } from "./support/prometheus-tools.ts";
import { until } from "./support/until.ts";
import { failureOf, freshInstance, observation, statusOf } from "./support/webhooks.ts";
import { sharedSystem } from "./shared-system.ts";
import type { System } from "./system.ts";

/** An hour takes two minutes. Apart from that, the published files are used unchanged. */
const DIVISOR = 30;
const [FAILING, HEALTHY, NEW] = [freshInstance(), freshInstance(), freshInstance()];

const ALERTING = new Keys().alerting;

let system: System;
/** A second api with other settings, which Prometheus scrapes. */
let api: AppProcess;
let apiTarget: string;
beforeAll(async () => {
  system = await sharedSystem();
  const [port, opsPort] = [String(await freePort()), String(await freePort())];
  apiTarget = `127.0.0.1:${opsPort}`;
  // The 30 s of a new instance, at this speed.
  const settings = { METRICS_NEW_INSTANCE_SECONDS: "1", ALERTS: "on" };
  const env = { ...system.environment, ...settings, API_PORT: port, API_OPS_PORT: opsPort };
  api = new AppProcess("api", env, `http://${apiTarget}`);
  await api.start();
});
afterAll(async () => {
  await api?.kill("SIGTERM");
  const keys = (await system?.askRedis("KEYS", `${ALERTING}*`))?.match(/ticktally:\S+/g) ?? [];
  await system?.askRedis("DEL", ...keys);
});

let monitoring: Monitoring;
let receiver: AlertReceiver;

const start = async () => {
  const port = await freePort();
  receiver = new AlertReceiver(port);
  monitoring = await startMonitoring({
    targets: { ...system.prometheusTargets(), "ticktally-api": [apiTarget] },
    receiverUrl: `http://127.0.0.1:${port}/`,
    divisor: DIVISOR,
  });
};

describe.skipIf(!hasPrometheus)(
  "alerts, from webhook to receiver (skipped without Prometheus and Alertmanager)",
  () => {
    beforeAll(start);
    afterAll(async () => {
      await monitoring?.stop();
      receiver?.stop();
    });

    it("report a burst of failures with its main reason, do not report healthy traffic, and resolve", async () => {
      await send("healthy-0", 1);
      await monitoring.seen(`ticktally_messages_total{wa_instance="${FAILING}"} > 0`);
      await monitoring.seen(`ticktally_messages_total{wa_instance="${HEALTHY}"} > 0`);
      await send("healthy", 60);
      await monitoring.seen(`wa_instance:ticktally_messages_tried:increase5m{wa_instance="${FAILING}"} > 30`);
      expect(await monitoring.query('ALERTS{alertname="TicktallyFailureSpike"}')).toEqual([]);

      const failures = [...named("upload", 30, "Uploader Error"), ...named("late", 12, "Error: Timed Out")];
      await system.accept(...failures);

      const [firing] = await until(
        "the failures are reported",
        () => present(receiver.of("TicktallyFailureSpike")),
        40_000,
      );
      expect(firing).toMatchObject({ status: "firing", receiver: "on-call" });
      expect(firing?.alerts).toHaveLength(1);
      expect(firing?.alerts[0]?.labels).toMatchObject({ wa_instance: FAILING, severity: "critical" });
      expect(firing?.alerts[0]?.annotations["description"]).toMatch(/^\d.*% .*leading reason: uploader_error/s);

      const notifications = () => receiver.of("TicktallyFailureSpike").find(({ status }) => status === "resolved");
      const resolved = await until("the alert is resolved", notifications, 60_000);
      // In an earlier version, the alert named a reason without messages while the window emptied.
      expect(resolved.alerts[0]?.annotations["description"]).not.toContain("about 0 messages");
      expect(resolved.alerts.map(({ labels }) => labels["wa_instance"])).toEqual([FAILING]);
      expect(
        receiver.notifications
          .flatMap(({ alerts }) => alerts)
          .filter(({ labels }) => labels["wa_instance"] === HEALTHY),
      ).toEqual([]);
    }, 150_000);

    it("include the first messages of a new account, which all fail within one scrape", async () => {
      await system.accept(...named("first", 60, "Uploader Error", NEW));
      await system.drained();
      const increase = `wa_instance:ticktally_messages_failed:increase5m{wa_instance="${NEW}"}`;
      await monitoring.seen(`${increase} >= 60`);
      await until("the failures are reported", () => {
        const notifications = receiver.of("TicktallyFailureSpike").flatMap(({ alerts }) => alerts);
        return present(notifications.filter(({ labels }) => labels["wa_instance"] === NEW));
      });
    }, 90_000);
  },
);

it("with ALERTS=on an api evaluates the alerts each minute and stores the result", async () => {
  const round = async () => Number(/\d{6,}/.exec(await system.askRedis("GET", `${ALERTING}round`))?.[0] ?? 0);
  const minute = await until("a minute was evaluated", async () => (await round()) || false);
  expect(Math.abs(minute - Date.now() / 60_000)).toBeLessThan(2);
  expect(await system.askRedis("HVALS", `${ALERTING}samples`)).toContain(`"minute":${String(minute)}`);
});

/** Messages that are sent and read, from both instances. */
async function send(prefix: string, count: number): Promise<void> {
  for (const instance of [FAILING, HEALTHY]) {
    for (let i = 0; i < count; i += 1) {
      const id = `${prefix}-${i}`;
      await system.accept(observation("api", instance, id), statusOf(instance, id, "read"));
    }
  }
  await system.drained();
}

function named(prefix: string, count: number, description: string, instance = FAILING): readonly object[] {
  return Array.from({ length: count }, (_, i) => failureOf(instance, `${prefix}-${i}`, description));
}

function present<Item>(items: readonly Item[]): readonly Item[] | undefined {
  return items.length === 0 ? undefined : items;
}
