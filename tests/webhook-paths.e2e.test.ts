import { beforeAll, describe, expect, it } from "vitest";
import { RawConnection, rawPost, type RawAnswer } from "./support/raw-http.ts";
import { freshInstance, statusOf } from "./support/webhooks.ts";
import { sharedSystem } from "./shared-system.ts";
import { WEBHOOK_TOKEN, type System } from "./system.ts";

const PATH = "/webhooks/green-api";
/** The first six are answered without Express, the others by the Express app. The answers must be the same. */
const SPELLINGS = [
  ...[PATH, `${PATH}/sales`, `${PATH}/..`, `${PATH}?`, `${PATH}?from=here/%2F`, `${PATH}/sales?a=b?c`],
  ...[`${PATH}/`, `${PATH}/sales/`, `${PATH}/?from=here`, `${PATH}#here`, `${PATH}/a%2Fb`, `${PATH}/a%20b`],
  ...[`${PATH}//`, `${PATH}//sales`, `${PATH}/a//b`],
  ...["/Webhooks/GREEN-API", "/WEBHOOKS/green-api/Sales", `http://elsewhere${PATH}`],
];
const [QUICK, SLOW] = [PATH, `${PATH}/`];

let system: System;
beforeAll(async () => {
  system = await sharedSystem();
});

/** Sends the path unchanged: an HTTP client would normalize it. */
async function post(
  path: string,
  { token = WEBHOOK_TOKEN, method = "POST", body, headers = {}, to = system }: PostOptions = {},
): Promise<RawAnswer> {
  const connection = await RawConnection.open(to.ingestPort);
  try {
    const webhook = body ?? JSON.stringify(statusOf(freshInstance(), "M", "sent"));
    const text = rawPost(path, webhook, { authorization: `Bearer ${token}`, ...headers });
    connection.write(text.replace(/^POST/, method));
    const [answer] = await connection.answers(1);
    if (answer === undefined) throw new Error("no answer");
    return { ...answer, head: answer.head.replace(/^date: .*\r\n/im, "") };
  } finally {
    connection.close();
  }
}

interface PostOptions {
  readonly token?: string;
  readonly method?: string;
  readonly body?: string;
  readonly headers?: Readonly<Record<string, string>>;
  /** Default: the shared system. */
  readonly to?: System;
}

describe("a webhook's path", () => {
  it.each([
    ["a webhook", {}, 200],
    ["a wrong token", { token: "wrong" }, 401],
    ["invalid JSON", { body: "{" }, 400],
    ["another content type", { headers: { "content-type": "text/plain" } }, 415],
    ["a webhook with a request id", { headers: { "x-request-id": "r-1" } }, 200],
    ["another method", { method: "PUT" }, 405],
  ] satisfies [string, PostOptions, number][])(
    "gets the same answer and headers to %s in every spelling",
    async (_, options, status) => {
      const usual = await post(PATH, options);
      expect(usual.status).toBe(status);
      await Promise.all(SPELLINGS.map(async (path) => expect(await post(path, options), path).toEqual(usual)));
    },
  );

  it.each([
    ...["/", "//", `/${PATH}`, "/webhooks//green-api", `${PATH}s`],
    ...["/webhooks%2Fgreen-api", "/webhooks/green%2Dapi", `${PATH}%2Fsales`, `${PATH}%3Fa`, `${PATH};a`, "*"],
  ])("is not %s", async (path) => {
    expect((await post(path)).status).toBe(404);
  });

  it.each([`${PATH}/%E0%A4%A`, `${PATH}/%`, `${PATH}/a%zz?b`])(
    "is refused if it cannot be decoded: %s",
    async (path) => {
      expect((await post(path)).status).toBe(400);
    },
  );
});

describe("TRUST_PROXY", () => {
  const statusFrom = async (to: System, address: string, path: string, token = WEBHOOK_TOKEN) =>
    (await post(path, { to, token, headers: { "x-forwarded-for": address } })).status;

  it("sets which address is compared with WEBHOOK_ALLOWED_IPS, in all spellings", async () => {
    const proxied = await system.startSecond("ingest", {
      WEBHOOK_ALLOWED_IPS: "203.0.113.7,2001:db8::/32",
      TRUST_PROXY: "loopback,10.0.0.0/8",
    });
    for (const path of [QUICK, SLOW]) {
      for (const address of ["203.0.113.7", "198.51.100.1, 203.0.113.7, 10.1.2.3", "2001:db8::5", "::ffff:203.0.113.7"])
        expect(await statusFrom(proxied, address, path), address).toBe(200);
      for (const address of ["", "203.0.113.8", "203.0.113.7, 198.51.100.1", "10.1.2.3", "nonsense"])
        expect(await statusFrom(proxied, address, path), address).toBe(403);
    }
  });

  it("sets by which address wrong tokens are counted, for all spellings together", async () => {
    const strict = await system.startSecond("ingest", { INGEST_WRONG_TOKENS_PER_MINUTE: "2", TRUST_PROXY: "loopback" });
    const guess = async (address: string, path: string) => statusFrom(strict, address, path, "guess");
    expect(await guess("203.0.113.1", QUICK)).toBe(401);
    expect(await guess("203.0.113.1", SLOW)).toBe(401);
    expect(await guess("203.0.113.1", QUICK)).toBe(429);
    expect(await guess("203.0.113.1", SLOW)).toBe(429);
    // Only the last address in the header is from the proxy; the sender can forge those before it.
    expect(await guess("198.51.100.1, 203.0.113.1", QUICK)).toBe(429);
    expect(await guess("203.0.113.2", QUICK)).toBe(401);
    expect(await statusFrom(strict, "203.0.113.1", QUICK)).toBe(200);
  });

  it("if empty, all senders share one count whatever the header", async () => {
    const strict = await system.startSecond("ingest", { INGEST_WRONG_TOKENS_PER_MINUTE: "1" });
    expect(await statusFrom(strict, "203.0.113.1", QUICK, "guess")).toBe(401);
    expect(await statusFrom(strict, "203.0.113.2", QUICK, "guess")).toBe(429);
    expect(await statusFrom(strict, "203.0.113.3", SLOW, "guess")).toBe(429);
  });
});
