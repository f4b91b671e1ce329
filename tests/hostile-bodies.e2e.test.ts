import { readFileSync, writeFileSync } from "node:fs";
import { brotliCompressSync, constants, deflateSync, gzipSync } from "node:zlib";
import fc from "fast-check";
import { DEFAULT_GATEWAY } from "../packages/gateways/src/index.ts";
import { beforeAll, describe, expect, it } from "vitest";
import { OPERATIONS, quarantineAnswer, quarantineEntryAnswer } from "../packages/schemas/src/index.ts";
import type { App } from "./support/app-process.ts";
import { expectedHandling, invalidWebhook } from "./support/invalid-webhooks.ts";
import { answerBody } from "./support/instances.ts";
import { checkAgainstOpenApi } from "./support/openapi-check.ts";
import { expectRefusal } from "./support/refusals.ts";
import { freshInstance, statusOf } from "./support/webhooks.ts";
import { sharedSystem } from "./shared-system.ts";
import { ACCOUNT_TOKEN, WEBHOOK_TOKEN, type System } from "./system.ts";

let system: System;
beforeAll(async () => {
  system = await sharedSystem();
});

const MIB = 1024 * 1024;
const zeros = Buffer.alloc(64 * MIB);
const BOMBS: readonly (readonly [string, Buffer])[] = [
  ["gzip", gzipSync(zeros, { level: 1 })],
  ["deflate", deflateSync(zeros, { level: 1 })],
  ["br", brotliCompressSync(zeros, { params: { [constants.BROTLI_PARAM_QUALITY]: 1 } })],
];

/**
 * Measure by how much the peak memory of a process exceeds its current memory. Earlier memory does not count, because memory of an earlier body is
 * released only by a later garbage collection.
 */
function watchGrowth(app: App): () => number {
  const folder = `/proc/${system.pid(app) ?? 0}`;
  const peakBytes = () => Number(/^VmHWM:\s+(\d+) kB$/m.exec(readFileSync(`${folder}/status`, "utf8"))?.[1]) * 1024;
  writeFileSync(`${folder}/clear_refs`, "5");
  const before = peakBytes();
  return () => peakBytes() - before;
}

async function sendBytes(url: string, method: string, bytes: Buffer, headers: Readonly<Record<string, string>>) {
  const sent = { "content-type": "application/json", connection: "close", ...headers };
  const response = await fetch(url, { method, headers: sent, body: new Uint8Array(bytes) });
  return { status: response.status, headers: response.headers, text: await response.text() };
}

describe.runIf(process.platform === "linux")("a small body that becomes 64 MiB", () => {
  it.each(BOMBS)("in %s is refused by ingest without being decompressed", async (encoding, bytes) => {
    const growth = watchGrowth("ingest");
    const origin = `http://127.0.0.1:${system.ingestPort}`;
    const headers = { authorization: WEBHOOK_TOKEN, "content-encoding": encoding };
    expectRefusal(await sendBytes(`${origin}/webhooks/green-api`, "POST", bytes, headers), 415);
    expect(growth()).toBeLessThan(zeros.length);
    await system.accept(statusOf(freshInstance(), "M", "sent"));
  });

  const calls = OPERATIONS.filter(({ body }) => body !== undefined);
  const cases = BOMBS.flatMap(([encoding, bytes]) => calls.map((call) => ({ ...call, encoding, bytes })));
  const twice = (encoding: string) => `${encoding}, ${encoding}`;

  it.each(cases)("in $encoding is refused at $method $path", async ({ method, path, encoding, bytes }) => {
    const instance = freshInstance();
    await system.send("POST", "/instances", { idInstance: instance });
    const filled = path.replace("{apiTokenInstance}", ACCOUNT_TOKEN).replace(/\{\w+\}/, instance);
    for (const [given, status] of [
      [encoding, 413],
      [encoding.toUpperCase(), 413],
      [twice(encoding), 415],
      ["zstd", 415],
    ] as const) {
      const headers = path.startsWith("/waInstance") ? {} : { token: ACCOUNT_TOKEN };
      const asked = method.toUpperCase();
      const growth = watchGrowth("api");
      const answer = await sendBytes(system.apiOrigin + filled, asked, bytes, {
        ...headers,
        "content-encoding": given,
      });
      expect([given, answer.status]).toEqual([given, status]);
      checkAgainstOpenApi(asked, filled, answer);
      expect(growth()).toBeLessThan(zeros.length);
    }
    expect((await system.get(`/instances/${instance}`)).status).toBe(200);
  });
});

describe("JSON that cannot be counted", () => {
  interface Counts {
    readonly accepted: ReadonlyMap<string, number>;
    readonly quarantined: number;
    readonly messages: number;
  }
  async function currentCounts(): Promise<Counts> {
    await system.drained();
    const [ingest, api] = [await system.prometheus("ingest"), await system.prometheus()];
    const accepted = ingest.all("ticktally_webhooks_received_total", { outcome: "accepted", gateway: "green-api" });
    return {
      accepted: new Map(accepted.map(({ labels, value }) => [labels["type"] ?? "", value])),
      quarantined: api.value("ticktally_quarantine_size"),
      messages: api.sum("ticktally_messages_total"),
    };
  }

  async function newest(count: number): Promise<readonly unknown[]> {
    const { entries } = answerBody(quarantineAnswer, await system.get(`/quarantine?limit=${count}`));
    const answers = await Promise.all(
      entries.map(async ({ id }) => system.get(`/quarantine/${encodeURIComponent(id)}`)),
    );
    return answers.map((answer) => answerBody(quarantineEntryAnswer, answer).entry.webhook);
  }

  it("is quarantined or counted by its type: nothing that was answered 200 is lost", async () => {
    const batches = fc.array(invalidWebhook, { minLength: 1, maxLength: 50 });
    await fc.assert(
      fc.asyncProperty(batches, async (bodies) => {
        const before = await currentCounts();
        await Promise.all(bodies.map(async (body) => system.accept(body)));
        const after = await currentCounts();
        const expected = bodies.map(expectedHandling);
        const kept = bodies.filter((_, i) => expected[i]?.isQuarantined);
        expect(after.quarantined - before.quarantined).toBe(kept.length);
        for (const [type, count] of after.accepted)
          expect([type, count - (before.accepted.get(type) ?? 0)]).toEqual([
            type,
            expected.filter((handling) => handling.type === type).length,
          ]);
        expect(after.messages).toBe(before.messages);
        if (kept.length === 0) return;
        // Texts and everything else that is not counted are cut off or masked before a webhook is queued.
        const queued = kept.flatMap((text) =>
          DEFAULT_GATEWAY.split(DEFAULT_GATEWAY.parse(text)).map((part) => DEFAULT_GATEWAY.withoutContent(part)),
        );
        const found = (await newest(kept.length)).map((body) => exactText(JSON.stringify(body)));
        expect(found.toSorted()).toEqual(queued.map(exactText).toSorted());
      }),
      { numRuns: 15, endOnFailure: true },
    );
  });
});

/** JSON with integers beyond 2^53 as strings, as they are stored after a text was shortened. */
function exactText(text: string): string {
  return JSON.stringify(JSON.parse(text, (_, value: unknown) => (isLargeInteger(value) ? String(value) : value)));
}

function isLargeInteger(value: unknown): value is number {
  return typeof value === "number" && value > Number.MAX_SAFE_INTEGER && value < 1e21;
}
