import { expect, it } from "vitest";
import { Keys } from "../packages/redis/src/index.ts";
import { until } from "./support/until.ts";
import { startSystem } from "./system.ts";

it("with ALERTS=on an api evaluates the alerts each minute and stores the result", async () => {
  const system = await startSystem({ env: { ALERTS: "on" } });
  try {
    const root = new Keys().alerting;
    const round = async () => Number(/\d{6,}/.exec(await system.askRedis("GET", `${root}round`))?.[0] ?? 0);
    const minute = await until("a minute was evaluated", async () => (await round()) || false);
    expect(Math.abs(minute - Date.now() / 60_000)).toBeLessThan(2);
    expect(await system.askRedis("HVALS", `${root}samples`)).toContain(`"minute":${String(minute)}`);
  } finally {
    await system.stop();
  }
});
