import { beforeAll, describe, expect, it } from "vitest";
import { instanceCreatedAnswer } from "../packages/schemas/src/index.ts";
import { sharedSystem } from "./shared-system.ts";
import type { System } from "./system.ts";
import { Administrator, answerBody } from "./support/instances.ts";
import { expectRefusal } from "./support/refusals.ts";
import { freshInstance, statusOf } from "./support/webhooks.ts";

let system: System;
let admin: Administrator;
beforeAll(async () => {
  system = await sharedSystem();
  admin = new Administrator(system);
});

describe("POST /instances", () => {
  it("creates an instance before its first webhook, and shows its token once", async () => {
    const idInstance = freshInstance();
    const { instance, token } = await admin.create({ idInstance: Number(idInstance), name: "new-one" });
    const expected = { name: "new-one", idInstance, state: null, lastWebhookAt: null, stateChanges: [] };
    expect(instance).toEqual({ ...expected, settings: instance.settings });
    expect(instance.settings).toMatchObject({ ignoreGroupMessages: false });
    expect(token).toMatch(/^[\w-]{43,}$/);
    expect((await system.get("/metrics/new-one", { token })).status).toBe(200);
    expect((await system.metrics("new-one")).totalMessages).toBe(0);
    const stored = await system.askRedis("HGETALL", "ticktally:{registry}:tokens");
    expect(stored).not.toContain(token);
  });

  it("accepts settings", async () => {
    const settings = { ignoreGroupMessages: true };
    const { instance } = await admin.create({ idInstance: freshInstance(), settings });
    expect(instance.settings).toMatchObject(settings);
  });

  it("keeps all digits of an id beyond 2^53, as a number and as a string", async () => {
    const large = "18446744073709551615";
    const answer = await system.send("POST", "/instances", `{"idInstance":${large},"name":"large"}`);
    expect(answerBody(instanceCreatedAnswer, answer, 201).instance.idInstance).toBe(large);
    await system.accept(JSON.stringify(statusOf("1", "M", "sent")).replace('"idInstance":1', `"idInstance":${large}`));
    expect((await system.counted("large")).messagesSent).toBe(1);
    expectRefusal(await system.send("POST", "/instances", { idInstance: large }), 409);
  });

  it("accepts the id of another gateway, and shows it in all answers", async () => {
    const idInstance = "meta:100000000000001";
    const { instance, token } = await admin.create({ idInstance });
    expect(instance).toMatchObject({ idInstance, name: idInstance });
    expect((await system.get(`/metrics/${idInstance}`, { token })).status).toBe(200);
    expect((await system.prometheus()).all("ticktally_messages_total", { wa_instance: idInstance })).not.toEqual([]);
    expect((await system.send("PATCH", `/instances/${idInstance}`, { name: "official" })).status).toBe(200);
    expect((await system.send("PATCH", "/instances/official", { name: idInstance })).status).toBe(200);
    expectRefusal(await system.send("PATCH", `/instances/${idInstance}`, { name: "meta:100000000000002" }), 400);
  });

  it("409 says whether the id or the name is taken", async () => {
    const [taken, auto] = [freshInstance(), freshInstance()];
    await admin.create({ idInstance: taken, name: "taken" });
    await system.accept(statusOf(auto, "M", "sent"));
    await system.drained();
    const refused = async (body: object) => {
      const answer = await system.send("POST", "/instances", body);
      expect(expectRefusal(answer, 409)).toBe("conflict");
      return answer.text;
    };
    expect(await refused({ idInstance: taken })).toContain(`idInstance ${taken}`);
    expect(await refused({ idInstance: auto, name: "other" })).toContain(`idInstance ${auto}`);
    expect(await refused({ idInstance: freshInstance(), name: "taken" })).toContain("name taken");
  });

  const NAMES = [
    "",
    " ",
    "a b",
    "a,b",
    "a/b",
    "a%2fb",
    ".",
    "..",
    "_other",
    "ä",
    "x".repeat(65),
    "\n",
    7,
    null,
    "79001234567",
  ];
  const FAULTS: readonly (readonly [body: unknown, named: string])[] = [
    [{}, "idInstance"],
    [[], "body"],
    ["null", "body"],
    [{ idInstance: "" }, "idInstance"],
    [{ idInstance: "a1" }, "idInstance"],
    [{ idInstance: "01" }, "idInstance"],
    [{ idInstance: -1 }, "idInstance"],
    [{ idInstance: 1.5 }, "idInstance"],
    [{ idInstance: null }, "idInstance"],
    [{ idInstance: "1".repeat(21) }, "idInstance"],
    ...NAMES.map((name) => [{ idInstance: "7200000000", name }, "`name`"] as const),
    [{ idInstance: "7200000000", nmae: "x" }, "nmae"],
    [{ idInstance: "7200000000", settings: { ignoreGroups: true } }, "settings.ignoreGroups"],
    [{ idInstance: "7200000000", settings: { ignoreGroupMessages: "yes" } }, "settings.ignoreGroupMessages"],
    [{ idInstance: "7200000000", settings: null }, "settings"],
  ];
  it.each(FAULTS)("400 to %j names %s, and creates nothing", async (body, named) => {
    const answer = await system.send("POST", "/instances", body);
    expect(expectRefusal(answer, 400)).toBe("bad_request");
    expect(answer.text).toContain(named);
    expectRefusal(await system.get("/instances/7200000000"), 404);
  });

  it("400 to invalid JSON, 413 to a large body, 415 to another content type", async () => {
    for (const body of [undefined, "", "{", '{"idInstance":1'])
      expectRefusal(await system.send("POST", "/instances", body), 400);
    const large = { idInstance: "7200000000", name: "x".repeat(70_000) };
    expect(expectRefusal(await system.send("POST", "/instances", large), 413)).toBe("payload_too_large");
    const headers = { "content-type": "text/plain" };
    const answer = await system.send("POST", "/instances", "{}", { headers });
    expect(expectRefusal(answer, 415)).toBe("unsupported_media_type");
  });

  it("gives a name to one of two simultaneous requests", async () => {
    const ask = async () => system.send("POST", "/instances", { idInstance: freshInstance(), name: "wanted" });
    const statuses = (await Promise.all([ask(), ask()])).map(({ status }) => status);
    expect(statuses.toSorted()).toEqual([201, 409]);
  });
});
