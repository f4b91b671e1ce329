import { beforeAll, describe, expect, it } from "vitest";
import { z } from "zod";
import {
  groupedSeriesAnswer,
  latencyAnswer,
  failuresAnswer,
  metricsAnswer,
  seriesAnswer,
  SERIES_COLUMNS,
} from "../packages/schemas/src/index.ts";
import { YEAR, daysAfterClockChange } from "./support/clock-change.ts";
import { expectRefusal } from "./support/refusals.ts";
import { failureOf, freshInstance, observation, statusOf } from "./support/webhooks.ts";
import { sharedSystem } from "./shared-system.ts";
import type { System } from "./system.ts";

const [A, B] = [freshInstance(), freshInstance()].sort() as [string, string];
/** 90 minutes before the end of October in UTC, and 30 minutes before it in Berlin (+1). */
const EVE = Date.UTC(YEAR, 9, 31, 22, 30) / 1000;
const HOUR = 3600;

let system: System;
beforeAll(async () => {
  system = await sharedSystem();
  const before = await system.get("/metrics/all");
  expect(metricsAnswer.parse(JSON.parse(before.text)).metrics).toMatchObject({ instance: "all", totalMessages: 0 });
  const at = (timestamp: number) => ({ timestamp });
  await system.acceptInOrder(
    observation("api", A, "=1+1", at(EVE)),
    statusOf(A, "=1+1", "sent", at(EVE + 1)),
    statusOf(A, "=1+1", "delivered", at(EVE + HOUR)),
    statusOf(A, "=1+1", "read", at(EVE + 30 * HOUR)),
    failureOf(A, "LOST", "Uploader Error", at(EVE)),
    observation("api", B, "M", at(EVE)),
    statusOf(B, "M", "sent", at(EVE)),
  );
});

async function series(path: string) {
  const { text } = await system.get(`/metrics/${path}`);
  return seriesAnswer.parse(JSON.parse(text)).series;
}

async function groups(path: string) {
  const { text } = await system.get(`/metrics/${path}`);
  return groupedSeriesAnswer.parse(JSON.parse(text)).series.groups;
}

const OCTOBER = `from=${YEAR}-10-01&to=${YEAR}-11-01`;

describe("a query", () => {
  it("of all instances sums those that the token may read; for an instance's token only its own", async () => {
    const { text } = await system.get("/metrics/all");
    expect(metricsAnswer.parse(JSON.parse(text)).metrics).toMatchObject({ instance: "all", messagesSent: 3 });
    const all = await series(`all/series?${OCTOBER}&step=total`);
    expect(all).toMatchObject({ instance: "all", totals: { sent: 2, failed: 1, messages: 3 } });
    expect(all.points).toHaveLength(1);
    const { token } = z
      .object({ token: z.string() })
      .parse(JSON.parse((await system.get(`/instances/${B}/token`, { method: "POST" })).text));
    const own = await system.get(`/metrics/all/series?${OCTOBER}&step=total`, { token });
    expect(seriesAnswer.parse(JSON.parse(own.text)).series.totals).toMatchObject({ sent: 1, failed: 0 });
  });

  it("by message time returns how many messages sent in October were delivered, and their rates", async () => {
    const byEvent = await series(`${A}/series?${OCTOBER}&step=month`);
    expect(byEvent.totals).toMatchObject({ sent: 1, delivered: 1, read: 0, failed: 1, messages: 2 });
    const byMessage = await series(`${A}/series?${OCTOBER}&step=month&cohort=message`);
    expect(byMessage.totals).toMatchObject({ sent: 1, delivered: 1, read: 1, failed: 1, messages: 2 });
    expect(byMessage.rates).toEqual({ deliveredRate: 1, readRate: 1, failureRate: 0.5 });
    expect((await series(`${B}/series?from=${YEAR}-10-01&to=${YEAR}-10-02`)).rates.deliveredRate).toBeNull();
  });

  it("has months and weeks (from Monday) of the time zone", async () => {
    const inBerlin = await series(`${A}/series?from=${YEAR}-10-01&to=${YEAR}-12-01&tz=Europe/Berlin&step=month`);
    expect(inBerlin.points.map(({ at, sent }) => [at.slice(0, 10), sent])).toEqual([
      [`${YEAR}-10-01`, 1],
      [`${YEAR}-11-01`, 0],
    ]);
    const inKiritimati = await series(
      `${A}/series?from=${YEAR}-10-01&to=${YEAR}-12-01&tz=Pacific/Kiritimati&step=month`,
    );
    expect(inKiritimati.points.map(({ sent }) => sent)).toEqual([0, 1]);
    const weeks = await series(
      `${A}/series?from=${daysAfterClockChange(-6)}&to=${daysAfterClockChange(9)}&tz=Europe/Berlin&step=week`,
    );
    expect(weeks.points.map(({ at }) => at)).toEqual([
      `${daysAfterClockChange(-6)}T00:00:00.000+02:00`,
      `${daysAfterClockChange(1)}T00:00:00.000+01:00`,
      `${daysAfterClockChange(8)}T00:00:00.000+01:00`,
    ]);
  });

  it("returns groups, largest first, and sums those beyond the limit", async () => {
    const byInstance = await groups(`all/series?${OCTOBER}&step=total&groupBy=instance`);
    expect(byInstance.map(({ key, totals }) => [key.instance, totals.sent])).toEqual([
      [A, 1],
      [B, 1],
    ]);
    const limited = await groups(`all/series?${OCTOBER}&step=total&groupBy=instance&limit=1`);
    expect(limited.map(({ key, totals }) => [key, totals.messages])).toEqual([
      [{ instance: A }, 2],
      [{ other: true }, 1],
    ]);
    const byReason = await groups(`${A}/series?${OCTOBER}&groupBy=status,reason&step=total`);
    expect(byReason.map(({ key }) => key)).toEqual([{ status: "failed", reason: "uploader_error" }]);
    const byType = await groups(`all/series?${OCTOBER}&groupBy=type&step=total`);
    expect(byType).toMatchObject([{ key: { type: "unknown" }, totals: { messages: 3, sent: 2, delivered: 0 } }]);
    const byKind = await groups(`${B}/series?${OCTOBER}&groupBy=chatKind&step=total&cohort=message`);
    expect(byKind[0]).toMatchObject({ key: { chatKind: "individual" }, totals: { messages: 1, sent: 1 } });
  });

  it.each([
    ["groupBy=origin,reason", /status × reason/],
    ["groupBy=type&origin=api", /A filter counts as a dimension/],
    ["groupBy=colour", /`groupBy` must be one or two of instance, origin/],
    ["groupBy=origin,status,reason", /one or two of/],
    ["limit=0", /`limit`/],
    [`groupBy=instance,reason&limit=1000&step=hour&from=${YEAR}-10-01&to=${YEAR}-11-01`, /groups × 744 points/],
    ["cohort=week", /`cohort`/],
    ["format=xml", /`format`/],
  ])("%s is refused, and the error says what is possible", async (query, message) => {
    const answer = await system.get(`/metrics/${A}/series?${query}`);
    expectRefusal(answer, 400);
    expect(answer.text).toMatch(message);
  });
});

describe("latencies and failures of a period", () => {
  it("cover its days, for each instance", async () => {
    const ask = async (query: string) => {
      const { text } = await system.get(`/metrics/all/latency?${query}`);
      return latencyAnswer.parse(JSON.parse(text)).latency;
    };
    const day = await ask(`from=${YEAR}-10-31T12:00&to=${YEAR}-10-31T13:00&groupBy=instance`);
    expect(day).toMatchObject({ from: `${YEAR}-10-31T00:00:00.000Z`, to: `${YEAR}-11-01T00:00:00.000Z` });
    expect(day.stages).toMatchObject({ sentToDelivered: { count: 1, mean: HOUR - 1 }, deliveredToRead: { count: 0 } });
    expect(day.groups?.map(({ key }) => key)).toEqual([{ instance: A }]);
    expect((await ask(`from=${YEAR}-11-01&to=${YEAR}-11-02`)).stages.deliveredToRead.count).toBe(0);
    expect((await ask(`from=${YEAR}-11-02&to=${YEAR}-11-03`)).stages.deliveredToRead.count).toBe(1);
    expect((await ask("")).stages.deliveredToRead.count).toBe(1);
    const failures = failuresAnswer.parse(
      JSON.parse((await system.get(`/metrics/all/failures?${OCTOBER}&groupBy=instance`)).text),
    ).failures;
    expect(failures).toMatchObject({ instance: "all", total: 1, groups: [{ key: { instance: A }, total: 1 }] });
  });
});

describe("an answer about past hours", () => {
  it("has an ETag, which changes with the counts; an answer about all instances has none", async () => {
    const instance = freshInstance();
    const path = `/metrics/${instance}/series?${OCTOBER}`;
    await system.acceptInOrder(statusOf(instance, "E1", "sent", { timestamp: EVE }));
    const etagOf = async () => (await system.get(path)).headers.get("etag") ?? "";
    const first = await etagOf();
    expect(first).toMatch(/^W\/"/);
    expect((await system.get(path, { headers: { "if-none-match": first } })).status).toBe(304);
    await system.acceptInOrder(statusOf(instance, "NOW", "sent"));
    expect((await system.get(path, { headers: { "if-none-match": first } })).status).toBe(304);
    await system.acceptInOrder(statusOf(instance, "E2", "sent", { timestamp: EVE }));
    const changed = await system.get(path, { headers: { "if-none-match": first } });
    expect(changed.status).toBe(200);
    expect(seriesAnswer.parse(JSON.parse(changed.text)).series.totals.sent).toBe(2);
    expect((await system.get(`/metrics/all/series?${OCTOBER}`)).headers.get("etag")).toBeNull();
    expect((await system.get(`/metrics/${instance}/series`)).headers.get("etag")).toBeNull();
  });

  it.each(["failures", "latency"])("of %s has an ETag only for a period of named instances", async (what) => {
    const instance = freshInstance();
    const path = `/metrics/${instance}/${what}?${OCTOBER}`;
    const unless = async (etag: string) => system.get(path, { headers: { "if-none-match": etag } });
    await system.acceptInOrder(
      statusOf(instance, "E1", "sent", { timestamp: EVE }),
      failureOf(instance, "F1", "Uploader Error", { timestamp: EVE }),
    );
    const first = (await system.get(path)).headers.get("etag") ?? "";
    expect(first).toMatch(/^W\/"/);
    expect((await unless(first)).status).toBe(304);
    await system.acceptInOrder(
      statusOf(instance, "E1", "delivered", { timestamp: EVE + 2 }),
      failureOf(instance, "F2", "Uploader Error", { timestamp: EVE }),
    );
    const changed = await unless(first);
    expect(changed.status).toBe(200);
    expect((await unless(changed.headers.get("etag") ?? "")).status).toBe(304);
    const csv = await system.get(`${path}&format=csv`, { headers: { "if-none-match": first } });
    expect(csv.status).toBe(200);
    for (const other of [`/metrics/all/${what}?${OCTOBER}`, `/metrics/${instance}/${what}`])
      expect((await system.get(other)).headers.get("etag")).toBeNull();
  });

  it("of failures has another ETag if the examples change", async () => {
    const instance = freshInstance();
    const chatId = "79001234567@c.us";
    await system.acceptInOrder(failureOf(instance, "F1", "not a number: 79001234567", { timestamp: EVE, chatId }));
    const path = `/metrics/${instance}/failures?${OCTOBER}`;
    const first = (await system.get(path)).headers.get("etag") ?? "";
    await system.send("DELETE", `/instances/${instance}/chats/${chatId}`);
    expect((await system.get(path, { headers: { "if-none-match": first } })).status).toBe(200);
  });
});

describe("latencies by day", () => {
  it("cover each UTC day of a period, and sum up to the whole period", async () => {
    const instance = freshInstance();
    const day = 86_400;
    await system.acceptInOrder(
      statusOf(instance, "L1", "sent", { timestamp: EVE - 2 * day }),
      statusOf(instance, "L1", "delivered", { timestamp: EVE - 2 * day + 3 }),
      statusOf(instance, "L2", "sent", { timestamp: EVE }),
      statusOf(instance, "L2", "delivered", { timestamp: EVE + 30 }),
    );
    const path = `/metrics/${instance}/latency?${OCTOBER}`;
    const { text } = await system.get(`${path}&step=day`);
    const { points = [], stages } = latencyAnswer.parse(JSON.parse(text)).latency;
    expect(points).toHaveLength(31);
    const counted = points.filter(({ stages: { sentToDelivered } }) => sentToDelivered.count > 0);
    expect(counted.map(({ at, stages: { sentToDelivered } }) => [at, sentToDelivered.mean])).toEqual([
      [new Date(Math.floor(EVE / day - 2) * day * 1000).toISOString(), 3],
      [new Date(Math.floor(EVE / day) * day * 1000).toISOString(), 30],
    ]);
    expect(stages.sentToDelivered).toMatchObject({ count: 2, mean: 16.5 });
    const plain = latencyAnswer.parse(JSON.parse((await system.get(path)).text)).latency;
    expect(plain).toEqual({ ...plain, stages });
    expect(plain.points).toBeUndefined();
    for (const [i, point] of counted.entries()) {
      const at = Math.floor(Date.parse(point.at) / 1000);
      const alone = await system.get(`/metrics/${instance}/latency?from=${at}&to=${at + day}`);
      expect(latencyAnswer.parse(JSON.parse(alone.text)).latency.stages, String(i)).toEqual(point.stages);
    }
    const csv = await system.get(`${path}&step=day&format=csv`);
    expect(csv.text.split("\r\n")[0]).toBe("at,stage,count,mean,p50,p90,p99");
    expect(csv.text.split("\r\n")).toHaveLength(1 + 31 * 3 + 1);
    expectRefusal(await system.get(`${path}&step=day&groupBy=instance`), 400);
    expectRefusal(await system.get(`/metrics/${instance}/latency?from=0001-01-01&step=day`), 400);
    const unasked = await system.get(`/metrics/${instance}/latency?step=day`);
    expect(latencyAnswer.parse(JSON.parse(unasked.text)).latency.points?.length).toBeGreaterThanOrEqual(30);
  });
});

describe("a table", () => {
  it("is CSV with the same numbers as JSON, by `format` or Accept", async () => {
    const path = `/metrics/${A},${B}/series?${OCTOBER}&groupBy=instance&step=total`;
    const answers = [
      await system.get(`${path}&format=csv`),
      await system.get(path, { headers: { accept: "text/csv" } }),
    ];
    for (const { text, headers } of answers) {
      expect(headers.get("content-type")).toMatch(/^text\/csv; charset=utf-8/);
      const [head, ...rows] = text.trimEnd().split("\r\n");
      expect(head).toBe(["instance", "other", "at", ...SERIES_COLUMNS].join());
      expect(rows).toEqual([
        `${A},,${YEAR}-10-01T00:00:00.000Z,0,1,1,0,0,1,0,0,0,2`,
        `${B},,${YEAR}-10-01T00:00:00.000Z,0,1,0,0,0,0,0,0,0,1`,
      ]);
    }
    expect((await system.get(path, { headers: { accept: "*/*" } })).text).toMatch(/^\{/);
  });

  it.each(["/metrics/all/failures", "/metrics/all/latency", `/messages/${A}`, "/instances"])(
    "is %s, and has no cell with a formula",
    async (path) => {
      const { text, headers } = await system.get(path, { headers: { accept: "text/csv" } });
      expect(headers.get("content-type")).toMatch(/^text\/csv/);
      const lines = text.trimEnd().split("\r\n");
      expect(lines.length).toBeGreaterThan(1);
      expect(new Set(lines.map((line) => line.split(",").length)).size).toBe(1);
      expect(text).not.toMatch(/^=|,=/m);
      if (path.startsWith("/messages")) expect(text).toContain("'=1+1,");
    },
  );
});
