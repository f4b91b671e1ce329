import { spawn } from "node:child_process";
import { join } from "node:path";
import { beforeAll, expect, it } from "vitest";
import { META_ENV } from "./support/meta.ts";
import { freshInstance, statusOf } from "./support/webhooks.ts";
import { until } from "./support/until.ts";
import { sharedSystem } from "./shared-system.ts";
import { ACCOUNT_TOKEN, WEBHOOK_TOKEN, type System } from "./system.ts";

const ENTRY = join(import.meta.dirname, "..", "packages", "simulator", "dist", "simulate.js");
const RUN_MS = 240_000;

let system: System;
beforeAll(async () => {
  system = await sharedSystem();
});

/** Run `npm run simulate` with the system. */
async function simulate(...args: readonly string[]): Promise<{ readonly code: number; readonly output: string }> {
  const where = {
    TICKTALLY_URL: system.apiOrigin,
    TICKTALLY_INGEST_URL: `http://127.0.0.1:${system.ingestPort}`,
    TICKTALLY_ACCOUNT_TOKEN: ACCOUNT_TOKEN,
    TICKTALLY_WEBHOOK_TOKEN: WEBHOOK_TOKEN,
    META_APP_SECRET: META_ENV.META_APP_SECRET,
  };
  const child = spawn(process.execPath, [ENTRY, ...args], { env: where, stdio: ["ignore", "pipe", "pipe"] });
  let output = "";
  for (const stream of [child.stdout, child.stderr])
    stream.setEncoding("utf8").on("data", (text: string) => (output += text));
  return new Promise((resolve) => child.once("close", (code) => resolve({ code: code ?? 0, output })));
}

it(
  "confirms every number after repeats, reordering, an outage, and losses that the journal repairs",
  { timeout: RUN_MS },
  async () => {
    await system.kill("ingest");
    const faults = ["--duplicates", "0.1", "--disorder", "0.2", "--lost", "0.1"];
    const running = simulate(
      "--seed",
      "7",
      "--hours",
      "2",
      "--rate",
      "0.3",
      "--pause-ms",
      "300",
      "--labels",
      "--check",
      ...faults,
    );
    await until("its instances are registered", async () => (await system.get("/instances/travel")).status === 200);
    await system.start("ingest");
    const { code, output } = await running;
    expect(output).toMatch(
      /^[\d,]+ webhooks accepted, [\d,]+ refused first\.\nAll numbers are right: .* messages\.\n$/,
    );
    expect(code).toBe(0);
  },
);

it("reports differences, and exits with 1, if something else was counted", { timeout: RUN_MS }, async () => {
  const small = ["--seed", "8", "--prefix", "two-", "--hours", "0.2", "--rate", "0.3", "--check"];
  const { output: first } = await simulate(...small);
  expect(first).toContain("All numbers are right");
  const { text } = await system.get("/instances/two-shop");
  const [, shop = freshInstance()] = /"idInstance":"(\d+)"/.exec(text) ?? [];
  await system.accept(statusOf(shop, "from elsewhere", "delivered"));
  const { code, output } = await simulate(...small);
  expect(output).toMatch(/^two-shop messages: outgoing from elsewhere was never sent$/m);
  expect(output).toMatch(/^two-shop metrics\.messagesSent: \d+ instead of \d+$/m);
  expect(code).toBe(1);
});

it("names unknown options", async () => {
  const { code, output } = await simulate("--rate", "fast", "--lost", "2");
  expect(output).toMatch(/--rate: .*\n--lost: /);
  expect(code).toBe(78);
  expect((await simulate("--seed", "1")).output).toContain("say how long");
});
