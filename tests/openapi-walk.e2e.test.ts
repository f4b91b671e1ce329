import { beforeAll, describe, expect, it } from "vitest";
import { openApiDocument } from "../packages/schemas/src/index.ts";
import { wrongBodies, WRONG_PARTS, WRONG_TEXTS, type BodySchema } from "./support/wrong-values.ts";
import { expectRefusal, giveToken } from "./support/refusals.ts";
import { CHAT, freshInstance, statusOf } from "./support/webhooks.ts";
import { sharedSystem } from "./shared-system.ts";
import { ACCOUNT_TOKEN, type Answer, type System } from "./system.ts";

/** Sends every call of the OpenAPI document with invalid values for each parameter and field. */

interface Call {
  readonly path: string;
  readonly method: string;
  readonly isOpen: boolean;
  readonly query: readonly string[];
  readonly body: BodySchema | undefined;
}

interface Operation {
  /** Overrides that of the document. */
  readonly security?: readonly object[];
  readonly parameters?: readonly { readonly name: string; readonly in: string }[];
  readonly requestBody?: { readonly content: { readonly "application/json": { readonly schema: BodySchema } } };
}

/** A value with its references resolved. */
function resolved(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(resolved);
  if (typeof value !== "object" || value === null) return value;
  if (!("$ref" in value) || typeof value.$ref !== "string")
    return Object.fromEntries(Object.entries(value).map(([key, part]) => [key, resolved(part)]));
  const [, ...keys] = value.$ref.split("/");
  return resolved(keys.reduce<unknown>((found, key) => Reflect.get(Object(found), key), document));
}

const REFUSALS = [400, 401, 403, 404, 405, 409, 413, 415, 429];
const AT_ONCE = 20;
const INSTANCE = freshInstance();

const document = openApiDocument();
const paths = resolved(document["paths"]) as Record<string, Record<string, Operation>>;
const CALLS: readonly Call[] = Object.entries(paths).flatMap(([path, methods]) =>
  Object.entries(methods)
    .filter(() => !path.startsWith("/webhooks"))
    .map(([method, { security = [{}], parameters = [], requestBody }]) => ({
      path,
      method: method.toUpperCase(),
      isOpen: security.length === 0 && !path.startsWith("/waInstance"),
      query: parameters.filter((parameter) => parameter.in === "query").map(({ name }) => name),
      body: requestBody?.content["application/json"].schema,
    })),
);

let system: System;
let ownToken: string;
beforeAll(async () => {
  system = await sharedSystem();
  ownToken = await giveToken(system, INSTANCE);
  await system.accept(statusOf(INSTANCE, "M", "sent"));
  await system.drained();
});

describe.each(CALLS.map((call) => [`${call.method} ${call.path}`, call] as const))("%s", (_name, call) => {
  it("400 to an unknown query parameter, and 401 without a token", async () => {
    const path = `${pathOf(call)}?${[...needed(call), "no-such=1"].join("&")}`;
    expectGatewayOr(await ask(call, path), 400);
    if (!call.isOpen) expectGatewayOr(await ask(call, path.replace(ACCOUNT_TOKEN, "wrong"), undefined, "wrong"), 401);
  });

  it("only documented refusals for invalid values of every type in every place", async () => {
    const unexpected = await unexpectedOf([...wrongPaths(call), ...wrongQueries(call), ...wrongBodiesOf(call)]);
    expect(unexpected).toEqual([]);
    expect(system.output("api")).not.toContain("failed unexpectedly");
  });
});

it("Authorization is used if the header `token` is empty", async () => {
  for (const token of ["", " "])
    for (const [valid, status] of [
      [ACCOUNT_TOKEN, 200],
      [ownToken, 200],
      ["wrong", 401],
    ] as const)
      expect((await system.get(`/metrics/${INSTANCE}`, { token, headers: bearer(valid) })).status).toBe(status);
  expect((await system.get(`/metrics/${INSTANCE}`, { token: "wrong", headers: bearer(ACCOUNT_TOKEN) })).status).toBe(
    401,
  );
});

interface TestRequest {
  readonly call: Call;
  readonly path: string;
  readonly body?: string;
  readonly contentType?: string;
}

async function ask({ method }: Call, path: string, body?: string, token = ACCOUNT_TOKEN, type = "application/json") {
  const headers = { connection: "close", "content-type": type };
  return method === "GET" ? system.get(path, { token }) : system.send(method, path, body ?? "{}", { token, headers });
}

/** The unexpected answers, each with its request. */
async function unexpectedOf(all: readonly TestRequest[]): Promise<readonly string[]> {
  const unexpected: string[] = [];
  for (let from = 0; from < all.length; from += AT_ONCE) {
    await Promise.all(
      all.slice(from, from + AT_ONCE).map(async ({ call, path, body, contentType }) => {
        const asked = `${call.method} ${path} ${body ?? ""}`.slice(0, 200);
        try {
          const answer = await ask(call, path, body, ACCOUNT_TOKEN, contentType);
          if (answer.status >= 300) expectGatewayOr(answer, REFUSALS.find((code) => code === answer.status) ?? 400);
        } catch (error) {
          unexpected.push(`${asked}: ${String(error).slice(0, 300)}`);
        }
      }),
    );
  }
  return unexpected;
}

/** Check an error answer, which has GREEN-API's shape at GREEN-API's paths. */
function expectGatewayOr(answer: Answer, status: number): void {
  if (!answer.text.startsWith('{"message":')) expectRefusal(answer, status);
  else expect(answer.status).toBe(status);
}

/** A path with existing values; a call that deletes an instance gets an unknown one. */
function pathOf({ path, method }: Call, given: Readonly<Record<string, string>> = {}): string {
  const instance = method === "DELETE" && path.endsWith("{name}") ? "nobody" : INSTANCE;
  const values: Readonly<Record<string, string>> = {
    idMessage: "M",
    chatId: CHAT,
    id: "none",
    apiTokenInstance: ACCOUNT_TOKEN,
    ...given,
  };
  return path.replace(/\{(\w+)\}/g, (_, name: string) => values[name] ?? instance);
}

function needed({ path }: Call): readonly string[] {
  return path.includes("getStatusStatistic") ? ["idMessage=M"] : [];
}

function wrongPaths(call: Call): readonly TestRequest[] {
  const names = [...call.path.matchAll(/\{(\w+)\}/g)].map(([, name = ""]) => name);
  return names.flatMap((name) => WRONG_PARTS.map((part) => ({ call, path: pathOf(call, { [name]: part }) })));
}

function wrongQueries(call: Call): readonly TestRequest[] {
  const values = [...new Set([...WRONG_TEXTS.map((text) => encodeURIComponent(text)), ...WRONG_PARTS])];
  return call.query.flatMap((name) => {
    const others = needed(call).filter((given) => !given.startsWith(`${name}=`));
    const queries = [
      ...values.map((value) => `${name}=${value}`),
      `${name}=1&${name}=2`,
      `${name}[]=1`,
      `${name}[x]=1`,
      name,
    ];
    return queries.map((query) => ({ call, path: `${pathOf(call)}?${[...others, query].join("&")}` }));
  });
}

function wrongBodiesOf(call: Call): readonly TestRequest[] {
  if (call.body === undefined) return [];
  const path = pathOf(call);
  return [
    ...wrongBodies(call.body).map((body) => ({ call, path, body })),
    ...["text/plain", "application/json; charset=utf-7", "multipart/form-data", "x"].map((contentType) => {
      return { call, path, body: "{}", contentType };
    }),
  ];
}

function bearer(token: string): Readonly<Record<string, string>> {
  return { authorization: `Bearer ${token}` };
}
