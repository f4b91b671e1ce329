import fc from "fast-check";
import { beforeAll, describe, expect, it } from "vitest";
import { OPERATIONS } from "../packages/schemas/src/index.ts";
import type { App } from "./support/app-process.ts";
import { RawConnection } from "./support/raw-http.ts";
import { freshInstance, statusOf } from "./support/webhooks.ts";
import { sharedSystem } from "./shared-system.ts";
import { ACCOUNT_TOKEN, WEBHOOK_TOKEN, type System } from "./system.ts";

const APPS = ["ingest", "worker", "api"] as const;

let system: System;
let writtenBefore: ReadonlyMap<App, number>;
beforeAll(async () => {
  system = await sharedSystem();
  writtenBefore = new Map(APPS.map((app) => [app, system.output(app).length]));
});

const PIECES = ["%2F", "%00", "%0A", "..", "%2e%2e", "__proto__", "{x}", "*", ",", "<script>", "%ff", "x".repeat(500)];
const piece = fc.oneof(
  fc.constantFrom(...PIECES),
  fc.string({ unit: "binary", maxLength: 20 }).map((text) => encodeURIComponent(text)),
);
const header = fc.constantFrom(
  "transfer-encoding: chunked\r\ncontent-length: 2\r\n",
  "content-length: 2\r\ncontent-length: 3\r\n",
  "content-length: +2\r\n",
  "content-encoding: gzip\r\ncontent-length: 2\r\n",
  "content-encoding: br\r\ncontent-length: 2\r\n",
  "x-a: b\nx-c: d\r\ncontent-length: 2\r\n",
  "content-length: 2\r\n",
);
const body = fc.oneof(
  fc.json({ maxDepth: 5 }).map((text) => Buffer.from(text).toString("latin1")),
  fc.constantFrom('{"__proto__":{"x":1}}', '{"idInstance":1e999}', '{"name":"a\\u0000\\nb"}', '{"name":"\\ud800"}'),
);
const target = fc.constantFrom(...OPERATIONS.map(({ method, path }) => ({ method: method.toUpperCase(), path })));

/** Send one request on its own connection. @returns its status; 0 if the connection was closed without an answer */
async function statusOfRaw(port: number, bytes: string): Promise<number> {
  const connection = await RawConnection.open(port);
  connection.write(bytes);
  const [answer] = await connection.answers(1).catch(() => []);
  connection.close();
  return answer?.status ?? 0;
}

/** Every line of the logs is JSON: no input has added a line break, and no stack was printed. */
function expectLogOfLines(): void {
  for (const app of APPS) {
    const written = system.output(app).slice(writtenBefore.get(app)).trim();
    for (const line of written === "" ? [] : written.split("\n"))
      expect(() => JSON.parse(line) as unknown).not.toThrow();
  }
}

describe("any request", () => {
  it("is answered without a 5xx, injects no key and no log line, and stops no app", { timeout: 60_000 }, async () => {
    const apiPort = Number(new URL(system.apiOrigin).port);
    const request = fc.record({ target, pieces: fc.array(piece, { minLength: 3, maxLength: 3 }), header, body });
    await fc.assert(
      fc.asyncProperty(request, async ({ target: { method, path }, pieces, header: given, body: text }) => {
        const filled = pieces.reduce((whole, part) => whole.replace(/\{\w+\}/, () => part), path);
        const token = `token: ${ACCOUNT_TOKEN}\r\nauthorization: Bearer ${WEBHOOK_TOKEN}\r\n`;
        const own = given.replace("content-length: 2", `content-length: ${text.length}`);
        const head = `host: x\r\ncontent-type: application/json\r\nconnection: close\r\n${token}`;
        expect(await statusOfRaw(apiPort, `${method} ${filled} HTTP/1.1\r\n${head}${own}\r\n${text}`)).toBeLessThan(
          500,
        );
        const webhook = `POST /webhooks/green-api/${pieces[0] ?? ""} HTTP/1.1\r\n${head}${own}\r\n${text}`;
        expect(await statusOfRaw(system.ingestPort, webhook)).toBeLessThan(500);
      }),
      { numRuns: 300, endOnFailure: true },
    );
    const instance = freshInstance();
    await system.accept(statusOf(instance, "M", "sent"));
    expect((await system.counted(instance)).messagesSent).toBe(1);
    const keys = (await system.askRedis("KEYS", "*")).split("\r\n").filter((line) => /^[^$*+]/.test(line));
    expect(
      keys.filter((key) => !/^ticktally:\{(?:queue-\d+|(?:meta:)?\d{1,20}|[a-z-]+)\}:[\w:.-]*$/.test(key)),
    ).toEqual([]);
    expectLogOfLines();
  });
});

describe("any request to an ops port", () => {
  const paths = ["/healthz", "/readyz", "/metrics", "/queues", "/queues/", "/queues/api/queues", "/queues/static", "/"];
  const queries = [
    "",
    "?",
    "?activeQueue=webhooks&page=1&jobsPerPage=20",
    "?page=-1&jobsPerPage=1e9",
    "?activeQueue[]=x",
  ];
  const request = fc.record({
    method: fc.constantFrom("GET", "GET", "GET", "HEAD", "POST", "PUT", "DELETE", "OPTIONS", "PATCH"),
    path: fc.constantFrom(...paths),
    rest: fc.array(piece, { maxLength: 3 }).map((pieces) => pieces.map((part) => `/${part}`).join("")),
    query: fc.oneof(
      fc.constantFrom(...queries),
      piece.map((part) => `?activeQueue=${part}&page=${part}&status=${part}`),
    ),
    token: fc.constantFrom(
      "",
      `token: ${ACCOUNT_TOKEN}\r\n`,
      "authorization: Basic %%%\r\n",
      "authorization: Basic Og==\r\n",
    ),
    header,
    body,
  });

  it("is answered without a 5xx, and stops no app", async () => {
    const ports = Object.values(system.prometheusTargets()).map(([target = ""]) => Number(target.split(":")[1]));
    await fc.assert(
      fc.asyncProperty(request, async ({ method, path, rest, query, token, header: given, body: text }) => {
        const own = given.replace("content-length: 2", `content-length: ${text.length}`);
        const bytes = `${method} ${path}${rest}${query} HTTP/1.1\r\nhost: x\r\nconnection: close\r\n${token}${own}\r\n${text}`;
        const statuses = await Promise.all(ports.map(async (port) => statusOfRaw(port, bytes)));
        for (const status of statuses) expect(status).toBeLessThan(500);
      }),
      { numRuns: 200, endOnFailure: true },
    );
    for (const app of APPS) expect(await system.isReady(app)).toBe(true);
    expectLogOfLines();
  });
});
