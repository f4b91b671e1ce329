import { join } from "node:path";
import { pid } from "node:process";
import { inject } from "vitest";
import { instancesAnswer, quarantineAnswer, readTokensAnswer, targetsAnswer } from "../packages/schemas/src/index.ts";
import { shown } from "./support/instances.ts";
import { META_ENV } from "./support/meta.ts";
import { startSystem, type System } from "./system.ts";

/** Where its gateways would reach it. */
export const PUBLIC_URL = "https://ticktally.example/in/";

const APPS = ["ingest", "worker", "api", "forwarder"] as const;

let running: System | undefined;
let started = 0;

/**
 * The Ticktally of this test process, with all four apps, for files that need no settings of their own. To start one takes
 * five seconds of a core, so files that run one after the other use the same; each begins without instances, targets, tokens and
 * quarantine of the one before. A test that ends an app or gives it other settings starts it again as it was. It
 * ends with the process.
 */
export async function sharedSystem(): Promise<System> {
  if (running !== undefined && !(await isWhole(running))) {
    const broken = running;
    running = undefined;
    await broken.stop();
  }
  running ??= await startSystem({
    dir: join(inject("runDir"), `system-${pid}-${(started += 1)}`),
    env: { ...META_ENV, PUBLIC_URL },
    forwards: true,
  });
  await empty(running);
  return running;
}

async function isWhole(system: System): Promise<boolean> {
  const ready = await Promise.all(APPS.map(async (app) => system.isReady(app)));
  return ready.every(Boolean);
}

/** Delete all that earlier files made. */
async function empty(system: System): Promise<void> {
  await system.drained();
  const listed = async () => shown(instancesAnswer, await system.get("/instances?limit=1000")).instances;
  for (let all = await listed(); all.length > 0; all = await listed())
    await deleteEach(
      system,
      all.map(({ idInstance }) => `/instances/${idInstance}`),
    );
  const { targets } = shown(targetsAnswer, await system.get("/targets"));
  const { tokens } = shown(readTokensAnswer, await system.get("/tokens"));
  const { entries } = shown(quarantineAnswer, await system.get("/quarantine?limit=1000"));
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
