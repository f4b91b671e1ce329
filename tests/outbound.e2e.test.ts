import { afterAll, beforeAll, expect, it } from "vitest";
import { reconciliationAnswer } from "../packages/schemas/src/index.ts";
import { freePort } from "./support/free-port.ts";
import { Administrator, answerBody } from "./support/instances.ts";
import { expectRefusal } from "./support/refusals.ts";
import { StubGateway } from "./support/stub-gateway.ts";
import { until } from "./support/until.ts";
import { freshInstance } from "./support/webhooks.ts";
import { startSystem, type System } from "./system.ts";

let system: System;
let stub: StubGateway;
beforeAll(async () => {
  [system, stub] = await Promise.all([
    startSystem({ apps: ["worker", "api"], env: { OUTBOUND_ALLOWED_NETWORKS: "" } }),
    StubGateway.start(),
  ]);
});
afterAll(async () => {
  await system?.stop();
  await stub?.stop();
});

it("an upstream is only reached at public addresses, and an instance does not learn what listens at others", async () => {
  const instance = freshInstance();
  const { token } = await new Administrator(system).create({ idInstance: instance });
  const path = `/instances/${instance}`;
  const change = async (apiUrl: string) =>
    system.send("PATCH", path, { settings: { upstream: { apiUrl, apiTokenInstance: "gateway-token", pull: true } } });
  const redisPort = new URL(system.redisUrl).port;
  for (const host of ["127.0.0.1", "127.1", "[::1]", "[::ffff:127.0.0.1]", "169.254.169.254", "10.0.0.1"])
    expectRefusal(await change(`http://${host}:${redisPort}`), 400);

  const errors: string[] = [];
  for (const port of [redisPort, new URL(stub.url).port, String(await freePort())]) {
    expect((await change(`http://localhost:${port}`)).status).toBe(200);
    expect((await system.send("POST", `${path}/reconcile`, { minutes: 5 })).status).toBe(202);
    await until("a connection was tried", async () => {
      const { lastRun } = answerBody(reconciliationAnswer, await system.get(`${path}/reconcile`));
      const isThis = lastRun?.error?.includes(`localhost:${port} `) === true;
      if (isThis) expect(lastRun.error).toContain("OUTBOUND_ALLOWED_NETWORKS");
      return isThis;
    });
    const seen = answerBody(reconciliationAnswer, await system.get(`${path}/reconcile`, { token })).lastRun;
    errors.push(`${seen?.outcome ?? ""} ${seen?.error ?? ""}`);
  }
  expect(new Set(errors)).toEqual(
    new Set(["unavailable the gateway gave no usable answer; the account's token shows why"]),
  );
  expect(stub.requests).toEqual([]);
});
