import { beforeAll, describe, expect, it } from "vitest";
import { instancesAnswer } from "../packages/schemas/src/index.ts";
import { sharedSystem } from "./shared-system.ts";
import type { System } from "./system.ts";
import { Administrator, answerBody } from "./support/instances.ts";
import { expectRefusal } from "./support/refusals.ts";
import { freshInstance } from "./support/webhooks.ts";

let system: System;
let admin: Administrator;
beforeAll(async () => {
  system = await sharedSystem();
  admin = new Administrator(system);
});

describe("access to instances", () => {
  const [OWN, OTHER, SPARE] = [freshInstance(), freshInstance(), freshInstance()];
  const tokens: Record<string, string | null> = { none: null, wrong: "wrong" };
  beforeAll(async () => {
    tokens["of its own, two ago"] = (await admin.create({ idInstance: OWN })).token;
    tokens["of its own, the one before"] = await admin.newToken(OWN);
    tokens["of its own"] = await admin.newToken(OWN);
    tokens["of another"] = (await admin.create({ idInstance: OTHER })).token;
    await admin.create({ idInstance: SPARE });
  });

  /** Method, path, body, and the statuses for the instance's own token, another instance's and the account's. */
  const ROUTES: readonly (readonly [string, string, unknown, number, number, number])[] = [
    ["GET", "/instances", undefined, 200, 200, 200],
    ["GET", "/api/instance/list", undefined, 200, 200, 200],
    ["GET", `/instances/${OWN}`, undefined, 200, 403, 200],
    ["GET", `/api/instance/getSettings/${OWN}`, undefined, 200, 403, 200],
    ["GET", "/instances/nobody", undefined, 403, 403, 404],
    ["PATCH", `/instances/${OWN}`, { settings: { ignoreGroupMessages: false } }, 403, 403, 200],
    ["PATCH", "/instances/nobody", { name: "x" }, 403, 403, 404],
    ["POST", "/instances", { idInstance: OWN }, 403, 403, 409],
    ["POST", `/instances/${SPARE}/token`, undefined, 403, 403, 200],
    ["POST", "/instances/nobody/token", undefined, 403, 403, 404],
    ["DELETE", "/instances/nobody", undefined, 403, 403, 404],
  ];

  const success = { parse: (value: unknown) => value };

  it.each(ROUTES)("%s %s %j", async (method, path, body, toOwn, toAnother, toAccount) => {
    const ask = async (token: string | null | undefined) =>
      system.send(method, path, body, token === undefined ? {} : { token });
    for (const kind of ["none", "wrong", "of its own, two ago"]) expectRefusal(await ask(tokens[kind] ?? null), 401);
    const answers = [
      [toOwn, await ask(tokens["of its own, the one before"])],
      [toOwn, await ask(tokens["of its own"])],
      [toAnother, await ask(tokens["of another"])],
      [toAccount, await ask(undefined)],
    ] as const;
    for (const [expected, answer] of answers) {
      if (expected >= 400) expectRefusal(answer, expected);
      else expect(answerBody(success, answer, expected)).toMatchObject({ success: true });
    }
  });

  it("an instance's token lists only that instance, whatever the filter", async () => {
    const token = tokens["of its own"] ?? "";
    const { instances } = answerBody(instancesAnswer, await system.get("/instances", { token }));
    expect(instances.map(({ idInstance }) => idInstance)).toEqual([OWN]);
    const asked = await system.get(`/api/instance/list?instanceName=${OTHER}`, { token });
    expect(answerBody(instancesAnswer, asked).instances.map(({ name }) => name)).toEqual([OWN]);
  });

  it("a body is not parsed without a valid token", async () => {
    const headers = { "content-type": "text/plain" };
    expectRefusal(await system.send("POST", "/instances", "{", { token: "wrong", headers }), 401);
  });
});

describe("other methods", () => {
  it.each([
    ["PUT", "/instances", "GET, HEAD, POST"],
    ["POST", "/instances/x", "GET, HEAD, PATCH, DELETE"],
    ["GET", "/instances/x/token", "POST"],
    ["DELETE", "/api/instance/list", "GET, HEAD"],
    ["OPTIONS", "/instances", "GET, HEAD, POST"],
  ])("405 to %s %s, with Allow: %s", async (method, path, allow) => {
    const answer = await system.send(method, path);
    expectRefusal(answer, 405);
    expect(answer.headers.get("allow")).toBe(allow);
  });
});
