import { afterEach, beforeAll, describe, expect, it } from "vitest";
import { connect, Keys, Outbox, OutboxReader, positionAt, type OutboxEvent } from "../packages/redis/src/index.ts";
import { healthAnswer, readTokenCreatedAnswer } from "../packages/schemas/src/index.ts";
import { EventReader } from "./support/event-reader.ts";
import { expectRefusal, giveToken } from "./support/refusals.ts";
import { failureOf, freshInstance, observation, statusOf } from "./support/webhooks.ts";
import { sharedSystem } from "./shared-system.ts";
import { ACCOUNT_TOKEN, type System } from "./system.ts";
import { until } from "./support/until.ts";

let system: System;
beforeAll(async () => {
  system = await sharedSystem();
});

const readers: EventReader[] = [];
async function open(options: Parameters<typeof EventReader.open>[1] = {}): Promise<EventReader> {
  const reader = await EventReader.open(system, options);
  readers.push(reader);
  return reader;
}
afterEach(() => {
  for (const reader of readers.splice(0)) reader.close();
});

function connection() {
  const target = {
    url: system.redisUrl,
    cluster: false,
    sentinels: [],
    sentinelMaster: "",
    commandTimeoutMs: 10_000,
  };
  return connect(target, "worker", () => undefined);
}

/** Streams that are open, as the api last reported them: every five seconds. */
async function streams(): Promise<number> {
  const { health } = healthAnswer.parse(JSON.parse((await system.get("/health")).text));
  return health.processes.find(({ app }) => app === "api")?.gauges["eventStreams"] ?? 0;
}

async function readToken(): Promise<{ readonly id: string; readonly token: string }> {
  const { text } = await system.send("POST", "/tokens", { name: "stream", scope: "read" });
  return readTokenCreatedAnswer.parse(JSON.parse(text));
}

async function signedIn(): Promise<string> {
  const { headers } = await system.send("POST", "/session", { token: ACCOUNT_TOKEN }, { token: null });
  return (headers.get("set-cookie") ?? "").split(";")[0] ?? "";
}

describe("GET /events", () => {
  it("reports each transition from the moment the stream is open, and the instances whose counts changed", async () => {
    const [own, other] = [freshInstance(), freshInstance()];
    const reader = await open({ headers: { "accept-encoding": "gzip, br" } });
    await system.acceptInOrder(
      observation("api", own, "A"),
      statusOf(own, "A", "read"),
      statusOf(own, "A", "delivered"),
      failureOf(other, "B", "Error: Timed Out"),
      observation("incoming", own, "C"),
    );
    await reader.has(4);
    // The transitions of an instance are in order; there is no order between instances.
    expect(reader.transitions.filter((transitions) => !transitions.startsWith("B"))).toEqual([
      "A null pending",
      "A pending read",
      "C null null",
    ]);
    expect(reader.transitions).toContain("B null failed");
    const found = (id: string) => reader.messages.find(({ idMessage }) => idMessage === id);
    expect(found("B")).toMatchObject({ instance: other, direction: "outgoing", reason: "timed_out" });
    expect(found("C")).toMatchObject({ instance: own, direction: "incoming" });
    await until(
      "both instances are reported",
      () => new Set(reader.counts.flatMap(({ instances }) => instances)).size === 2,
    );
    const { headers } = reader.response;
    expect(headers.get("content-type")).toBe("text/event-stream");
    expect(headers.get("cache-control")).toBe("no-store");
    expect(headers.get("content-encoding")).toBeNull();
    expect(reader.text.match(/^event: /gm)).toHaveLength(
      reader.text.match(/^event: .*\nid: \d+-\d+-\d+-\S*\ndata: /gm)?.length ?? 0,
    );
  });

  it("reports only the requested instances", async () => {
    const [one, two] = [freshInstance(), freshInstance()];
    await system.accept(statusOf(one, "X", "sent"), statusOf(two, "X", "sent"));
    await system.drained();
    const reader = await open({ query: `?instances=${two}` });
    await system.acceptInOrder(statusOf(one, "X", "read"), statusOf(two, "X", "read"));
    await reader.has(1);
    expect(reader.messages.map(({ instance }) => instance)).toEqual([two]);
  });

  it("reports to an instance's token only its own instance", async () => {
    const [one, two] = [freshInstance(), freshInstance()];
    const [token, reader] = [await giveToken(system, one), await giveToken(system, two)];
    const [own, all] = [await open({ token }), await open({ token: reader, query: `?instances=${two}` })];
    await system.acceptInOrder(statusOf(two, "Y", "sent"), statusOf(one, "Y", "sent"), statusOf(two, "Y", "read"));
    await own.has(1);
    await all.has(2);
    expect(new Set(own.messages.map(({ instance }) => instance))).toEqual(new Set([one]));
    expect(own.counts.flatMap(({ instances }) => instances)).not.toContain(two);
    expectRefusal(await system.get(`/events?instances=${two}`, { token }), 403);
  });

  it.each([
    ["no token", "", null, 401],
    ["an unknown token", "", "nobody", 401],
    ["an unknown instance", "?instances=nobody", ACCOUNT_TOKEN, 404],
    ["no name", "?instances=", ACCOUNT_TOKEN, 400],
    ["a parameter that is not known", "?since=1", ACCOUNT_TOKEN, 400],
  ])("refuses %s", async (_, query, token, status) => {
    expectRefusal(await system.get(`/events${query}`, { token }), status);
  });

  it("answers HEAD immediately", async () => {
    expect((await system.get("/events", { method: "HEAD" })).status).toBe(200);
  });

  it("can be read in a session, with only its cookie", async () => {
    const reader = await open({ token: null, headers: { cookie: await signedIn() } });
    await system.accept(statusOf(freshInstance(), "S", "sent"));
    await reader.has(1);
  });

  it("ends with its session, and when its token is revoked, while other streams continue", async () => {
    const [{ id, token }, cookie] = [await readToken(), await signedIn()];
    const [session, revoked, other] = [
      await open({ token: null, headers: { cookie } }),
      await open({ token }),
      await open(),
    ];
    await system.send("DELETE", "/session", undefined, {
      token: null,
      headers: { cookie, "x-ticktally-console": "1" },
    });
    await system.send("DELETE", `/tokens/${id}`);
    await Promise.all([session.ended(10_000), revoked.ended(10_000)]);
    expect(other.isEnded).toBe(false);
    expectRefusal(await system.get("/events", { token }), 401);
  });

  it("reports missed events if the last event id is too old", async () => {
    const reader = await open({ headers: { "last-event-id": `${String(Date.now() - 700_000)}-0-0-1` } });
    await until("missed events are reported", () => reader.counts.some(({ missed }) => missed));
    expect(reader.messages).toEqual([]);
  });

  it("reports missed events if more happened meanwhile than the outbox keeps", async () => {
    const [instance, other] = [freshInstance(), freshInstance()];
    await system.accept(statusOf(instance, "T0", "sent"), statusOf(other, "T0", "sent"));
    await system.drained();
    const query = `?instances=${instance}`;
    const first = await open({ query });
    await system.accept(statusOf(instance, "T0", "read"));
    await first.has(1);
    first.close();
    // As many commits as a very busy instance has in a few minutes.
    const redis = connection();
    const outbox = `${new Keys().instance(instance)}outbox`;
    const commits = redis.pipeline();
    for (let i = 0; i < 4_200; i++) commits.xadd(outbox, "*", "t", "[]");
    await commits.exec();
    redis.disconnect();
    await system.accept(statusOf(instance, "T1", "sent"), statusOf(other, "T1", "sent"));
    await system.drained();
    const headers = { "last-event-id": first.lastEventId };
    const [second, unconcerned] = [
      await open({ query, headers }),
      await open({ query: `?instances=${other}`, headers }),
    ];
    await until("missed events are reported", () => second.counts.some(({ missed }) => missed));
    await unconcerned.has(1);
    expect(unconcerned.counts.some(({ missed }) => missed)).toBe(false);
  });

  it("reports missed events if no outbox was written meanwhile", async () => {
    const instance = freshInstance();
    const first = await open();
    await system.accept(statusOf(instance, "L0", "sent"));
    await first.has(1);
    first.close();
    const { outboxesWanted, outboxesWantedSince } = new Keys();
    await system.askRedis("DEL", outboxesWanted, outboxesWantedSince);
    const second = await open({ headers: { "last-event-id": first.lastEventId } });
    await until("missed events are reported", () => second.counts.some(({ missed }) => missed));
  });

  it("reports at most 50 messages a second of a burst, and the exact number of skipped ones", async () => {
    const instance = freshInstance();
    const reader = await open({ query: "" });
    const burst = Array.from({ length: 600 }, (_, i) => statusOf(instance, `B${String(i)}`, "sent"));
    await system.accept(...burst);
    await system.drained();
    const skipped = () => reader.counts.reduce((sum, counts) => sum + counts.skipped, 0);
    await until("all are reported or skipped", () => reader.messages.length + skipped() >= burst.length);
    expect(skipped()).toBeGreaterThan(0);
    expect(reader.messages.length + skipped()).toBe(burst.length);
    expect(new Set(reader.transitions).size).toBe(reader.messages.length);
  });

  it("continues after a restart of the api where a reader was: in order, without gaps and repeats", async () => {
    const instance = freshInstance();
    const first = await open({ query: "" });
    for (let i = 0; i < 5; i++) await system.accept(statusOf(instance, `R${String(i)}`, "sent"));
    await first.has(5);
    await system.kill("api");
    await first.ended();
    expect(first.isCut).toBe(false);
    const missed = Array.from({ length: 120 }, (_, i) => statusOf(instance, `Q${String(i)}`, "sent"));
    await system.accept(...missed);
    await system.start("api");
    await system.drained();
    const second = await open({ headers: { "last-event-id": first.lastEventId } });
    await system.accept(statusOf(instance, "R0", "read"));
    await second.has(121);
    expect(second.transitions.toSorted()).toEqual(
      ["R0 sent read", ...missed.map((_, i) => `Q${String(i)} null sent`)].toSorted(),
    );
    expect(second.transitions.at(-1)).toBe("R0 sent read");
    expect([...first.counts, ...second.counts].every((counts) => !counts.missed && counts.skipped === 0)).toBe(true);
  });

  it("serves the same events to 100 readers, and answers 503 to further ones", { timeout: 60_000 }, async () => {
    await until("the streams of other tests are closed", async () => (await streams()) === 0);
    const all = await Promise.all(Array.from({ length: 100 }, async () => open()));
    expectRefusal(await system.get("/events"), 503);
    const instance = freshInstance();
    await system.acceptInOrder(statusOf(instance, "H", "sent"), statusOf(instance, "H", "read"));
    await Promise.all(all.map(async (reader) => reader.has(2)));
    for (const reader of all) expect(reader.transitions).toEqual(["H null sent", "H sent read"]);
    all[0]?.close();
    await until("a stream can be opened again", async () => {
      try {
        await open();
        return true;
      } catch {
        return false;
      }
    });
  });
});

describe("outboxes", () => {
  it("lose and repeat no transition when workers are killed at any moment", { timeout: 90_000 }, async () => {
    const instances = Array.from({ length: 4 }, freshInstance);
    const redis = connection();
    const outbox = new Outbox(redis, new Keys());
    await outbox.want("all", 600);
    const reader = new OutboxReader(outbox, positionAt(await outbox.now()));
    for (let round = 0; round < 4; round++) {
      for (const status of ["sent", "delivered", "read"]) {
        const webhooks = instances.flatMap((instance) =>
          Array.from({ length: 25 }, (_, i) => statusOf(instance, `K${String(25 * round + i)}`, status)),
        );
        await Promise.all(webhooks.map(async (webhook) => system.accept(webhook)));
      }
      await system.kill("worker", "SIGKILL");
      await system.start("worker");
    }
    await system.drained(60_000);
    const end = positionAt((await outbox.now()) + 1);
    const events: OutboxEvent[] = [];
    while (reader.position.ms < end.ms) events.push(...(await reader.next(instances)).events);
    redis.disconnect();
    const statuses = new Map<string, string | null>();
    for (const { instance, transition } of events) {
      if (transition === undefined) continue;
      const key = `${instance} ${transition.idMessage}`;
      expect(`${key} ${String(transition.before)}`).toBe(`${key} ${String(statuses.get(key) ?? null)}`);
      statuses.set(key, transition.after);
    }
    expect([...statuses.values()]).toEqual(Array.from({ length: 400 }, () => "read"));
  });
});
