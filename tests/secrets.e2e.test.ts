import { beforeAll, expect, it } from "vitest";
import { commandLines } from "./support/command-lines.ts";
import { Administrator } from "./support/instances.ts";
import { outputFromNowOn } from "./support/log-lines.ts";
import { until } from "./support/until.ts";
import { freshInstance, statusOf } from "./support/webhooks.ts";
import { sharedSystem } from "./shared-system.ts";
import { ACCOUNT_TOKEN, WEBHOOK_TOKEN, type System } from "./system.ts";

const APPS = ["ingest", "worker", "api"] as const;

let system: System;
let admin: Administrator;
beforeAll(async () => {
  system = await sharedSystem();
  admin = new Administrator(system);
});

it("no log line, metric, error answer or command line contains a secret", async () => {
  const output = outputFromNowOn(system);
  const [own, other] = [freshInstance(), freshInstance()];
  const { token } = await admin.create({ idInstance: own });
  await admin.create({ idInstance: other });
  const upstream = { apiUrl: "http://127.0.0.1:9", apiTokenInstance: "upstream-token-of-the-tests" };
  await admin.change(own, { settings: { upstream: { ...upstream, reconcileEveryMinutes: 0 } } });
  const secrets = [ACCOUNT_TOKEN, WEBHOOK_TOKEN, token, upstream.apiTokenInstance];
  secrets.push(new URL(system.redisUrl).password);
  const webhook = statusOf(other, "M", "sent");
  const refused = [
    await system.get(`/waInstance${own}/nothing/${token}`, { token: null }),
    await system.get(`/waInstance${own}/getStateInstance/${token}/x%ff`, { token: null }),
    await system.get("/instances?token=" + ACCOUNT_TOKEN, { token: null }),
    await system.get(`/metrics/${other}`, { token }),
    await system.send("PATCH", `/instances/${own}`, { settings: { upstream: { ...upstream, pull: 5 } } }),
    await system.send("PATCH", `/instances/${own}`, { settings: upstream }),
    await system.send("PATCH", `/instances/${own}`, `{"apiTokenInstance":"${upstream.apiTokenInstance}"`),
    await system.post(webhook, { token }),
    await system.post(webhook, { token: ACCOUNT_TOKEN }),
    await system.post("{", { path: "/webhooks/green-api/x%ff" }),
  ];
  for (const { status } of refused) expect(String(status)).toMatch(/^4/);
  await system.get(`/waInstance${own}/getStateInstance/${token}`, { token: null });
  await system.send("POST", `/instances/${own}/reconcile`, { minutes: 5 });
  await until("the gateway was not reached", () => output("worker").includes("not reconciled"));

  const said = refused.map(({ text }) => text);
  for (const app of APPS) said.push(output(app), (await system.scrape(app)).text);
  expect(said.filter((text) => secrets.some((secret) => text.includes(secret)))).toEqual([]);
  if (process.platform !== "linux") return;
  const commands = commandLines();
  for (const app of APPS) expect(commands.join("\n")).toContain(`apps/${app}/dist/main.js`);
  expect(commands.filter((text) => secrets.some((secret) => text.includes(secret)))).toEqual([]);
});
