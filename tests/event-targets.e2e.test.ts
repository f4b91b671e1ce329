import { Webhook } from "standardwebhooks";
import { beforeAll, expect, it, type TestContext } from "vitest";
import { targetAnswer, targetSecretAnswer } from "../packages/schemas/src/index.ts";
import { answerBody } from "./support/instances.ts";
import { expectRefusal } from "./support/refusals.ts";
import { answering, ok, TargetReceiver, type ReceivedPost } from "./support/target-receiver.ts";
import { until } from "./support/until.ts";
import { freshInstance, observation, statusOf } from "./support/webhooks.ts";
import { sharedSystem } from "./shared-system.ts";
import type { System } from "./system.ts";

let system: System;
beforeAll(async () => {
  system = await sharedSystem();
});

let targetsMade = 0;
async function target({ onTestFinished }: TestContext, instance: string, more: object = {}) {
  const receiver = await TargetReceiver.start();
  onTestFinished(async () => receiver.stop());
  targetsMade += 1;
  const asked = { name: `events-${targetsMade}`, url: receiver.url, mode: "events", instances: [instance], ...more };
  const { secret = "", target: made } = answerBody(
    targetSecretAnswer,
    await system.send("POST", "/targets", asked),
    201,
  );
  return { receiver, secret, name: made.name };
}

/** Verify a request with the published library. @throws the signature is wrong */
function verified(secret: string, post: ReceivedPost | undefined): unknown {
  if (post === undefined) throw new Error("there is no request");
  const { body, headers } = post;
  return new Webhook(secret).verify(body, headers as Record<string, string>);
}

it.concurrent(
  "events are transitions of messages, signed by Standard Webhooks, without texts, each sent once",
  async (test) => {
    const instance = freshInstance();
    const { receiver, secret, name } = await target(test, instance);
    await system.acceptInOrder(
      observation("api", instance, "M1"),
      statusOf(instance, "M1", "sent"),
      statusOf(instance, "M1", "sent"),
      statusOf(instance, "M1", "read"),
      statusOf(instance, "M2", "noAccount"),
    );
    await until("all events are received", () => receiver.posts.length >= 4);
    const events = receiver.posts.map((post) => verified(secret, post));
    expect(events).toMatchObject([
      { type: "message", data: { instance, idMessage: "M1", direction: "outgoing", before: null, status: "pending" } },
      { data: { before: "pending", status: "sent" } },
      { data: { before: "sent", status: "read" } },
      { data: { idMessage: "M2", status: "noAccount", reason: "no_account" } },
    ]);
    expect(new Set(receiver.posts.map(({ headers }) => headers["webhook-id"])).size).toBe(4);
    expect(JSON.stringify(receiver.posts)).not.toMatch(/hello|7900/);
    expect(() => verified("whsec_" + "A".repeat(43) + "=", receiver.posts[0])).toThrow();

    const { secret: next = "" } = answerBody(targetSecretAnswer, await system.send("POST", `/targets/${name}/rotate`));
    expect(next).not.toBe(secret);
    await until("an event is signed with both secrets", async () => {
      await system.accept(statusOf(instance, `R${receiver.posts.length}`, "sent"));
      await system.drained();
      return (receiver.posts.at(-1)?.headers["webhook-signature"] ?? "").includes(" ");
    });
    const last = receiver.posts.at(-1);
    for (const one of [secret, next]) expect(verified(one, last)).toMatchObject({ type: "message" });
  },
);

it.concurrent("events are filtered, and sent as text to chat tools", async (test) => {
  const instance = freshInstance();
  const { receiver, secret } = await target(test, instance, {
    format: "text",
    filter: { statuses: ["failed", "noAccount"] },
  });
  expect(secret).toBe("");
  await system.accept(statusOf(instance, "A", "sent"), statusOf(instance, "B", "noAccount"));
  await until("the event is received", () => receiver.posts.length > 0);
  expect(receiver.bodies.map((body) => JSON.parse(body) as unknown)).toEqual([
    { text: `${instance}: message B is noAccount (no_account)` },
  ]);
});

it.concurrent(
  "events are delivered with any 2xx, sent again after another answer, and stopped after 410",
  async (test) => {
    const instance = freshInstance();
    const { receiver, name } = await target(test, instance);
    receiver.behaviour = answering(204);
    await system.acceptInOrder(statusOf(instance, "A", "sent"));
    const view = async () => answerBody(targetAnswer, await system.get(`/targets/${name}`)).target;
    await until("the event is delivered", async () => (await view()).lastStatus === "204");
    receiver.behaviour = answering(500);
    await system.acceptInOrder(statusOf(instance, "A", "delivered"));
    await until("the event has failed", async () => (await view()).lastStatus === "500");
    receiver.behaviour = ok;
    await until("the event is sent again after about 5 s", async () => (await view()).lastStatus === "200");
    expect(receiver.posts[1]?.headers["webhook-id"]).toBe(receiver.posts[2]?.headers["webhook-id"]);
    receiver.behaviour = answering(410);
    await system.acceptInOrder(statusOf(instance, "A", "read"));
    await until("the target is disabled", async () => (await view()).state === "disabled");
  },
);

it.concurrent("events of an instance that is added to a target are sent from the answer on", async (test) => {
  const { receiver, name } = await target(test, freshInstance());
  const added = freshInstance();
  expect((await system.send("PATCH", `/targets/${name}`, { instances: [added] })).status).toBe(200);
  await system.accept(statusOf(added, "A", "sent"));
  await until("the event is received", () => receiver.posts.length === 1);
});

it("no event is lost or repeated when a forwarder is killed", async (test) => {
  const instance = freshInstance();
  const { receiver } = await target(test, instance);
  const ids = Array.from({ length: 60 }, (_, i) => `K${i}`);
  await system.accept(...ids.slice(0, 30).map((id) => statusOf(instance, id, "sent")));
  await system.kill("forwarder", "SIGKILL");
  await system.accept(...ids.slice(30).map((id) => statusOf(instance, id, "sent")));
  await system.start("forwarder");
  const received = () =>
    new Set(receiver.bodies.map((body) => (JSON.parse(body) as { data: { idMessage: string } }).data.idMessage));
  await until("all events are received", () => received().size === 60, 60_000);
  const byId = new Set(receiver.posts.map(({ headers }) => headers["webhook-id"]));
  expect(byId.size).toBe(60);
});

it("a relay refuses secret, format and events, an event target refuses webhook types, and the errors say what to do", async () => {
  const asked = { name: "relay", url: "https://example.com", mode: "relay" };
  const refused = async (change: object, method = "POST", path = "/targets") => {
    const refusal = await system.send(method, path, change);
    expectRefusal(refusal, 400);
    return refusal.text;
  };
  expect(await refused({ ...asked, format: "text" })).toContain("`format`");
  expect(await refused({ ...asked, filter: { events: ["alert"] } })).toContain("create a second target for events");
  const types = { types: ["incomingMessageReceived"] };
  expect(await refused({ ...asked, mode: "events", filter: types })).toContain("Use `directions` and `statuses`");
  expect((await system.send("POST", "/targets", asked)).status).toBe(201);
  expectRefusal(await system.send("POST", "/targets/relay/rotate"), 409);
  expect(await refused({ filter: { events: ["digest"] } }, "PATCH", "/targets/relay")).toContain("`filter.events`");
  expect((await system.send("PATCH", "/targets/relay", { filter: types })).status).toBe(200);
});
