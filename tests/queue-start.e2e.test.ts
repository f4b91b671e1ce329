import { spawn } from "node:child_process";
import { once } from "node:events";
import { expect, it } from "vitest";
import { wayThatIsCut } from "../packages/redis/src/testing.ts";
import { entryOf } from "./support/app-process.ts";
import { killWithParent } from "./support/kill-with-parent.ts";
import { freePort } from "./support/free-port.ts";

it.concurrent.each(["ingest", "api"] as const)(
  "%s ends if Redis becomes unreachable while its queue starts",
  async (app) => {
    const env = {
      PATH: process.env["PATH"],
      REDIS_URL: await wayThatIsCut(),
      TICKTALLY_ACCOUNT_TOKEN: "account-token-0123456789",
      TICKTALLY_WEBHOOK_TOKEN: "webhook-token-0123456789",
      INGEST_PORT: String(await freePort()),
      INGEST_OPS_PORT: String(await freePort()),
      API_PORT: String(await freePort()),
      API_OPS_PORT: String(await freePort()),
    };
    const child = spawn(process.execPath, [entryOf(app)], { env, stdio: ["ignore", "pipe", "inherit"] });
    const letGo = killWithParent(child.pid ?? 0);
    let output = "";
    child.stdout.on("data", (chunk: Buffer) => (output += chunk.toString()));
    expect(await once(child, "close")).toEqual([1, null]);
    letGo();
    expect(output).toContain("Redis disconnected while BullMQ was starting");
  },
);
