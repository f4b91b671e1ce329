import { afterEach, beforeAll, describe, expect, it } from "vitest";
import { RawConnection, rawPost } from "./support/raw-http.ts";
import { until } from "./support/until.ts";
import { freshInstance, statusOf } from "./support/webhooks.ts";
import { sharedSystem } from "./shared-system.ts";
import { ACCOUNT_TOKEN, WEBHOOK_TOKEN, type System } from "./system.ts";

const APPS = ["ingest", "worker", "api"] as const;
const PORTS = ["ingest", "api", "ingest's ops", "worker's ops", "api's ops"] as const;
const OWN = { token: ACCOUNT_TOKEN, authorization: `Bearer ${WEBHOOK_TOKEN}` };
const HEAD = `host: x\r\ntoken: ${ACCOUNT_TOKEN}\r\nauthorization: Bearer ${WEBHOOK_TOKEN}\r\n`;

let system: System;
const instance = freshInstance();
let endsBefore: number;
beforeAll(async () => {
  system = await sharedSystem();
  endsBefore = ends();
  await system.accept(statusOf(instance, "M", "sent"));
  await system.drained();
});

function portOf(name: (typeof PORTS)[number]): number {
  if (name === "ingest") return system.ingestPort;
  if (name === "api") return Number(new URL(system.apiOrigin).port);
  const [target = ""] = system.prometheusTargets()[`ticktally-${name.replace("'s ops", "")}`] ?? [];
  return Number(target.split(":")[1]);
}

/** All ports still serve requests. */
async function expectServing(): Promise<void> {
  for (const app of APPS) expect((await system.scrape(app)).status).toBe(200);
  await system.accept(statusOf(instance, "M", "sent"));
  expect((await system.metrics(instance)).messagesSent).toBe(1);
}
afterEach(async () => {
  await expectServing();
  expect(ends()).toBe(endsBefore);
});

/** How often an app has ended so far. */
function ends(): number {
  return APPS.reduce((sum, app) => sum + system.output(app).split("[ended").length - 1, 0);
}

/** @returns the status, or 0 if the connection was closed without an answer */
async function firstStatus(port: number, bytes: string): Promise<number> {
  const connection = await RawConnection.open(port);
  connection.write(bytes);
  const [answer] = await connection.answers(1).catch(() => []);
  connection.close();
  return answer?.status ?? 0;
}

const chunked = (more: string, body: string) => `POST /instances HTTP/1.1\r\n${HEAD}${more}\r\n${body}`;
/** Requests whose rest may be a body for a proxy and another request for us, or the reverse (request smuggling). */
const AMBIGUOUS = [
  ["two different lengths", chunked("content-length: 2\r\ncontent-length: 3\r\n", "{}")],
  ["one length given twice", chunked("content-length: 2\r\ncontent-length: 2\r\n", "{}")],
  ["a length and chunks", chunked("content-length: 2\r\ntransfer-encoding: chunked\r\n", "0\r\n\r\n")],
  ["chunked twice", chunked("transfer-encoding: chunked, chunked\r\n", "0\r\n\r\n")],
  ["chunks of an unknown kind", chunked("transfer-encoding: xchunked\r\n", "0\r\n\r\n")],
  ["chunks by a header with a space", chunked("transfer-encoding : chunked\r\n", "0\r\n\r\n")],
] as const;
const REFUSED = [
  ["a header of 20 kB", `GET /metrics HTTP/1.1\r\n${HEAD}x: ${"x".repeat(20_000)}\r\n\r\n`, [400]],
  ["a path of 20 kB", `GET /metrics/${"x".repeat(20_000)} HTTP/1.1\r\n${HEAD}\r\n`, [400]],
  ["2,000 headers", `GET /metrics HTTP/1.1\r\n${HEAD}${"a:\r\n".repeat(2_000)}\r\n`, [400, 200, 404]],
  ["OPTIONS *", `OPTIONS * HTTP/1.1\r\n${HEAD}\r\n`, [404, 405]],
  ["CONNECT", `CONNECT example.com:443 HTTP/1.1\r\n${HEAD}\r\n`, [0, 400, 404, 405]],
  ["TRACE", `TRACE / HTTP/1.1\r\n${HEAD}\r\n`, [404, 405]],
  [
    "an upgrade to HTTP/2",
    `GET / HTTP/1.1\r\n${HEAD}connection: upgrade, http2-settings\r\nupgrade: h2c\r\n\r\n`,
    [404],
  ],
  ["HTTP/2 at once", "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", [0, 400]],
  ["HTTP/0.9", "GET /nothing\r\n\r\n", [0, 400, 401, 404]],
  ["no host", "GET /metrics HTTP/1.1\r\n\r\n", [400]],
  ["the first bytes of TLS", "\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03\r\n\r\n", [0, 400]],
  ["only zeros", "\0".repeat(1000), [0, 400]],
  ["a path with a space", `GET /metrics/a b HTTP/1.1\r\n${HEAD}\r\n`, [0, 400]],
  ["a folded header", `GET /metrics HTTP/1.1\r\n${HEAD}x: a\r\n b\r\n\r\n`, [0, 400, 200, 404]],
] as const;

describe.each(PORTS)("%s", (name) => {
  it("refuses or ignores data that is not a request", async () => {
    for (const [what, bytes, known] of REFUSED) {
      const statuses: readonly number[] = known;
      expect(statuses, what).toContain(await firstStatus(portOf(name), bytes));
    }
  });

  it("closes the connection after a body with an ambiguous length, so that no second request follows", async () => {
    for (const [what, bytes] of AMBIGUOUS) {
      const connection = await RawConnection.open(portOf(name));
      const path = name === "api" ? `/metrics/${instance}` : "/healthz";
      connection.write(`${bytes}GET ${path} HTTP/1.1\r\n${HEAD}\r\n`);
      await until(`it ends after ${what}`, () => connection.isEnded);
      const statuses = [...connection.unread.matchAll(/^HTTP\/1\.1 (\d+)/gm)].map(([, status]) => Number(status));
      expect(statuses.at(-1), what).toBe(400);
      for (const status of statuses) expect([400, 404, 405], what).toContain(status);
    }
  });
});

describe("on one connection", () => {
  it("the api answers 50 pipelined requests in order", async () => {
    const connection = await RawConnection.open(portOf("api"));
    const requests = Array.from({ length: 50 }, (_, i) => {
      if (i % 5 === 4) return rawPost("/quarantine/replay", "{", OWN);
      if (i % 5 === 3) return `GET /messages/${instance}/X HTTP/1.1\r\n${HEAD}x-request-id: r${i}\r\n\r\n`;
      return `GET /metrics/${instance} HTTP/1.1\r\n${HEAD}x-request-id: r${i}\r\n\r\n`;
    });
    connection.write(requests.join(""));
    const answers = await connection.answers(50);
    connection.close();
    for (const [i, { status, head }] of answers.entries()) {
      expect([i, status]).toEqual([i, i % 5 === 4 ? 400 : i % 5 === 3 ? 404 : 200]);
      if (status !== 400) expect(head).toContain(`x-request-id: r${i}`);
    }
  });

  it("a request with another host or an absolute URL is answered by its path", async () => {
    const full = (path: string, host = "example.com") => `GET http://${host}${path} HTTP/1.1\r\n${HEAD}\r\n`;
    expect(await firstStatus(portOf("api"), full(`/metrics/${instance}`))).toBe(200);
    expect(await firstStatus(portOf("api"), full("/nothing"))).toBe(404);
    const withoutToken = `GET http://x/metrics/${instance} HTTP/1.1\r\nhost: x\r\n\r\n`;
    expect(await firstStatus(portOf("api"), withoutToken)).toBe(401);
    for (const name of ["ingest's ops", "worker's ops", "api's ops"] as const)
      expect([200, 404]).toContain(await firstStatus(portOf(name), full("/healthz")));
    const queues = "GET http://x/queues HTTP/1.1\r\nhost: x\r\n\r\n";
    expect([401, 404]).toContain(await firstStatus(portOf("api's ops"), queues));
  });
});

describe("slow senders", () => {
  const EACH = 50;

  it("of headers are disconnected at every port, and other requests are answered meanwhile", async () => {
    const slow: RawConnection[] = [];
    for (const name of PORTS)
      for (let i = 0; i < EACH; i++) {
        const connection = await RawConnection.open(portOf(name));
        connection.write(i % 2 === 0 ? "GET /metrics HTTP/1.1\r\nhost: x\r\n" : "");
        slow.push(connection);
      }
    const drip = setInterval(() => {
      for (const connection of slow) connection.write("x: y\r\n".slice(0, 1));
    }, 2_000);
    try {
      await expectServing();
      await until("all are disconnected", () => slow.every(({ isEnded }) => isEnded), 50_000);
    } finally {
      clearInterval(drip);
      for (const connection of slow) connection.close();
    }
  });

  it("of bodies do not delay other requests at any port", async () => {
    const slow: RawConnection[] = [];
    for (const name of PORTS)
      for (let i = 0; i < EACH; i++) {
        const connection = await RawConnection.open(portOf(name));
        const path = name === "ingest" ? "/webhooks/green-api" : name === "api" ? "/instances" : "/healthz";
        connection.write(rawPost(path, "{", { ...OWN, "content-length": "1000" }));
        slow.push(connection);
      }
    await expectServing();
    for (const connection of slow) connection.close();
  });
});
