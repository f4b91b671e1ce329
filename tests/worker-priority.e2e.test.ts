import { getPriority } from "node:os";
import { afterAll, beforeAll, expect, it } from "vitest";
import { AppProcess, type App } from "./support/app-process.ts";
import { startSystem, type System } from "./system.ts";

const apps = new Map<App, AppProcess>();
let system: System;
beforeAll(async () => {
  system = await startSystem({
    runApp: (app, env, opsOrigin) => {
      const run = new AppProcess(app, env, opsOrigin);
      apps.set(app, run);
      return run;
    },
  });
});
afterAll(async () => system.stop());

const nicenessOf = (app: App) => getPriority(apps.get(app)?.pid);

it("runs the worker at a lower priority than ingest and the api", () => {
  const own = getPriority();
  expect([nicenessOf("ingest"), nicenessOf("api")]).toEqual([own, own]);
  expect(nicenessOf("worker")).toBe(Math.max(own, 5));
});
