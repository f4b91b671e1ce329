import { getPriority } from "node:os";
import { expect, it } from "vitest";
import { healthAnswer } from "../packages/schemas/src/index.ts";
import { answerBody } from "./support/instances.ts";
import { until } from "./support/until.ts";
import { sharedSystem } from "./shared-system.ts";

it("runs the worker at a lower priority than ingest and the api", async () => {
  const system = await sharedSystem();
  // A process that was killed shortly before is still shown.
  const [ingest, worker, api] = await until("each app is shown once", async () => {
    const { processes } = answerBody(healthAnswer, await system.get("/health")).health;
    const pids = ["ingest", "worker", "api"].map((name) => processes.filter(({ app }) => app === name));
    return pids.every(({ length }) => length === 1) && pids.map(([only]) => only?.pid);
  });
  const own = getPriority();
  expect([getPriority(ingest), getPriority(api)]).toEqual([own, own]);
  expect(getPriority(worker)).toBe(Math.max(own, 5));
});
