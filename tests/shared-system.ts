import { join } from "node:path";
import { pid } from "node:process";
import { inject } from "vitest";
import { instancesAnswer, quarantineAnswer, readTokensAnswer, targetsAnswer } from "../packages/schemas/src/index.ts";
import { answerBody } from "./support/instances.ts";
import { META_ENV } from "./support/meta.ts";
import { startSystem, type System } from "./system.ts";

/** The public address of the shared system. */
export const PUBLIC_URL = "https://ticktally.example/in/";
/** `INGEST_BODY_LIMIT` of the shared system, which is not the default. */
export const BODY_LIMIT = 3 * 1024 * 1024;

const APPS = ["ingest", "worker", "api", "forwarder"] as const;

let running: System | undefined;
let started = 0;

/**
 * The Ticktally of this test process, with all four apps and the most verbose log, for test files without special settings. A start takes five
 * seconds of CPU time, so consecutive files share it. Each file begins without the instances, targets, tokens and quarantine of the previous one. A test that stops an app
 * or changes its settings must restart it with the original ones. The system ends with the process.
 */
export async function sharedSystem(): Promise<System> {
  if (running !== undefined && !(await isWhole(running))) {
    const broken = running;
    running = undefined;
    await broken.stop();
  }
  running ??= await startSystem({
    dir: join(inject("runDir"), `system-${pid}-${(started += 1)}`),
    env: { ...META_ENV, PUBLIC_URL, LOG_LEVEL: "trace", INGEST_BODY_LIMIT: String(BODY_LIMIT) },
    forwards: true,
  });
  await empty(running);
  return running;
}

async function isWhole(system: System): Promise<boolean> {
  const ready = await Promise.all(APPS.map(async (app) => system.isReady(app)));
  return ready.every(Boolean);
}

/** Delete everything that earlier files have created. */
async function empty(system: System): Promise<void> {
  await system.drained();
  const listed = async () => answerBody(instancesAnswer, await system.get("/instances?limit=1000")).instances;
  for (let all = await listed(); all.length > 0; all = await listed())
    await deleteEach(
      system,
      all.map(({ idInstance }) => `/instances/${idInstance}`),
    );
  const { targets } = answerBody(targetsAnswer, await system.get("/targets"));
  const { tokens } = answerBody(readTokensAnswer, await system.get("/tokens"));
  const { entries } = answerBody(quarantineAnswer, await system.get("/quarantine?limit=1000"));
  await deleteEach(system, [
    ...targets.map(({ name }) => `/targets/${name}`),
    ...tokens.map(({ id }) => `/tokens/${id}`),
    ...entries.map(({ id }) => `/quarantine/${encodeURIComponent(id)}`),
  ]);
}

async function deleteEach(system: System, paths: readonly string[]): Promise<void> {
  await Promise.all(
    paths.map(async (path) => {
      const { status, text } = await system.send("DELETE", path);
      if (status !== 200) throw new Error(`DELETE ${path} was answered ${status}: ${text}`);
    }),
  );
}
