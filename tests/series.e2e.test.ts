import { beforeAll, describe, expect, it } from "vitest";
import {
  groupedSeriesAnswer,
  failuresAnswer,
  latencyAnswer,
  SERIES_COUNTS,
  seriesAnswer,
  type Failures,
  type Series,
} from "../packages/schemas/src/index.ts";
import { shuffled } from "./support/day.ts";
import { Gateway } from "./support/gateway.ts";
import { YEAR } from "./support/clock-change.ts";
import { expectRefusal } from "./support/refusals.ts";
import { generatedEvents, type GeneratedEvent } from "./support/generated-events.ts";
import { failureOf, freshInstance, nowSeconds, observation, statusOf } from "./support/webhooks.ts";
import { sharedSystem } from "./shared-system.ts";
import { WEBHOOK_TOKEN, type System } from "./system.ts";

const [SALES, SUPPORT, NOW_ONLY] = [freshInstance(), freshInstance(), freshInstance()];
const BOTH = `${SALES},${SUPPORT}`;
/** In the following thirty days, clocks are set back in Europe and in New York. */
const START = Date.UTC(YEAR, 9, 15) / 1000;
const generated = generatedEvents([SALES, SUPPORT], START, 30, 900);

let system: System;
beforeAll(async () => {
  system = await sharedSystem();
  const gateway = new Gateway({ port: system.ingestPort, token: WEBHOOK_TOKEN, connections: 8 });
  await gateway.deliver(shuffled(generated.webhooks, 7));
  await system.drained();
});

async function seriesOf(instances: string, query: Readonly<Record<string, string>>): Promise<Series> {
  const { text } = await system.get(`/metrics/${instances}/series?${new URLSearchParams(query).toString()}`);
  return seriesAnswer.parse(JSON.parse(text)).series;
}

async function failuresOf(instances: string, query = ""): Promise<Failures> {
  const { text } = await system.get(`/metrics/${instances}/failures${query}`);
  return failuresAnswer.parse(JSON.parse(text)).failures;
}

/** The expected counts of a period, calculated from the events with the calendar of the time zone. */
function expectedCounts(
  of: (event: GeneratedEvent) => string | undefined,
): ReadonlyMap<string, Readonly<Record<string, number>>> {
  const counted = new Map<string, Record<string, number>>();
  for (const event of generated.events) {
    const bucket = of(event);
    if (bucket === undefined) continue;
    const counts = counted.get(bucket) ?? {};
    counts[event.counts] = (counts[event.counts] ?? 0) + 1;
    counted.set(bucket, counts);
  }
  return counted;
}

function expectPoints(
  { points, totals }: Series,
  expected: ReadonlyMap<string, Readonly<Record<string, number>>>,
  bucketOf: (at: string) => string,
): void {
  for (const { at, ...counts } of points) {
    const byWord = expected.get(bucketOf(at)) ?? {};
    for (const word of SERIES_COUNTS)
      expect(`${at} ${word} ${counts[word]}`).toBe(`${at} ${word} ${byWord[word] ?? 0}`);
  }
  const buckets = new Set(points.map(({ at }) => bucketOf(at)));
  expect([...expected.keys()].filter((bucket) => !buckets.has(bucket))).toEqual([]);
  for (const word of SERIES_COUNTS)
    expect(totals[word]).toBe([...expected.values()].reduce((sum, counts) => sum + (counts[word] ?? 0), 0));
}

describe("a series", () => {
  it("has every hour of a week, with the events of each", async () => {
    const [from, to] = [`${YEAR}-10-20T00:00Z`, `${YEAR}-10-27T00:00Z`];
    const series = await seriesOf(SALES, { from, to, step: "hour" });
    expect(series.points).toHaveLength(7 * 24);
    expect(series).toMatchObject({ instance: SALES, tz: "UTC", step: "hour", from: `${YEAR}-10-20T00:00:00.000Z` });
    const hour = (ms: number) => new Date(ms - (ms % 3_600_000)).toISOString();
    const expected = expectedCounts(({ instance, at }) => {
      const isIn = at * 1000 >= Date.parse(from) && at * 1000 < Date.parse(to);
      return instance === SALES && isIn ? hour(at * 1000) : undefined;
    });
    expect(expected.size).toBeGreaterThan(50);
    expectPoints(series, expected, (at) => at);
  });

  it.each(["UTC", "Europe/Berlin", "America/New_York", "Pacific/Auckland"])(
    "has every day in the time zone %s, summed over several instances, for each origin",
    async (tz) => {
      const date = new Intl.DateTimeFormat("en-CA", { timeZone: tz, dateStyle: "short" });
      const day = (at: number) => date.format(at * 1000);
      for (const origin of [undefined, "api", "phone", "unknown"] as const) {
        const [from, to] = [`${YEAR}-10-16`, `${YEAR}-11-12`];
        const series = await seriesOf(BOTH, { from, to, tz, ...(origin === undefined ? {} : { origin }) });
        expect(series.points.map(({ at }) => at.slice(0, 10))).toHaveLength(27);
        const expected = expectedCounts((event) => {
          const isOf = event.counts === "received" || origin === undefined || event.origin === origin;
          return isOf && day(event.at) >= from && day(event.at) < to ? day(event.at) : undefined;
        });
        expect(expected.size).toBeGreaterThan(20);
        expectPoints(series, expected, (at) => at.slice(0, 10));
      }
    },
  );

  it("returns in one call how many messages were sent by API, delivered and read in October", async () => {
    const { totals } = await seriesOf(BOTH, { from: `${YEAR}-10-01`, to: `${YEAR}-11-01`, origin: "api" });
    const inOctober = (word: string) =>
      generated.events.filter((event) => {
        const isIn = event.at >= Date.UTC(YEAR, 9, 1) / 1000 && event.at < Date.UTC(YEAR, 10, 1) / 1000;
        return isIn && event.origin === "api" && event.counts === word;
      }).length;
    expect(totals).toMatchObject({
      sent: inOctober("sent"),
      delivered: inOctober("delivered"),
      read: inOctober("read"),
    });
    expect(inOctober("read")).toBeGreaterThan(20);
  });

  it("starts a day at the UTC hour that contains midnight if the time zone's offset is not a whole hour", async () => {
    const series = await seriesOf(SALES, { from: `${YEAR}-10-20`, to: `${YEAR}-10-22`, tz: "Asia/Kolkata" });
    const starts = [`${YEAR}-10-19T23:30:00.000+05:30`, `${YEAR}-10-20T23:30:00.000+05:30`];
    expect(series.points.map(({ at }) => at)).toEqual(starts);
    expect(series.to).toBe(`${YEAR}-10-21T23:30:00.000+05:30`);
    const edge = Date.parse(starts[0] ?? "") / 1000;
    const sent = generated.events.filter(
      ({ instance, counts, at }) => instance === SALES && counts === "sent" && at >= edge && at < edge + 2 * 86_400,
    );
    expect(series.totals.sent).toBe(sent.length);
  });

  it("counts current events at once, and late webhooks at the time of their event", async () => {
    await system.accept(
      observation("api", NOW_ONLY, "JUST NOW"),
      statusOf(NOW_ONLY, "JUST NOW", "read"),
      statusOf(NOW_ONLY, "LATE", "sent", { timestamp: nowSeconds() - 10 * 86_400, sendByApi: false }),
    );
    await system.drained();
    const hours = await seriesOf(NOW_ONLY, { step: "hour" });
    expect(hours.points).toHaveLength(24);
    expect(hours.totals).toMatchObject({ sent: 1, delivered: 1, read: 1 });
    expect((await seriesOf(NOW_ONLY, {})).totals).toMatchObject({ sent: 2, read: 1 });
    const until5DaysAgo = String(nowSeconds() - 5 * 86_400);
    expect((await seriesOf(NOW_ONLY, { to: until5DaysAgo })).totals).toMatchObject({ sent: 1, read: 0 });
  });

  it.each([
    ["?step=year", /`step` must be one of hour, day, week, month, total/],
    ["?tz=Mars/Base", /IANA/],
    ["?origin=me", /`origin` must be one of unknown, api, phone/],
    [`?form=${YEAR}-10-01`, /`form` is not a known query parameter/],
    [`?from=${YEAR}-11-01&to=${YEAR}-10-01`, /`from` must be before `to`/],
    ["?from=yesterday", /`from` must be a date/],
    [`?from=${YEAR}-10-01&from=${YEAR}-10-02`, /`from`/],
    [`?from=${YEAR}-01-01&to=${YEAR}-10-01&step=hour`, /maximum is 1000: .*step=day/],
    ["?from=0001-01-01", /maximum is 1000/],
    [
      `?from=${YEAR}-09-01&to=${YEAR}-10-11&step=hour&groupBy=origin,status&limit=100`,
      /960 points, and the maximum is 10000/,
    ],
  ])("refuses %s and says what to do", async (query, message) => {
    const answer = await system.get(`/metrics/${SALES}/series${query}`);
    expectRefusal(answer, 400);
    expect(answer.text).toMatch(message);
  });

  it("returns at most 10,000 cells without a `limit`", async () => {
    const path = `/metrics/${BOTH}/series?from=${YEAR}-09-01&to=${YEAR}-10-11&step=hour&groupBy=origin,status`;
    const { series } = groupedSeriesAnswer.parse(JSON.parse((await system.get(path)).text));
    const cells = series.groups.reduce((sum, { points }) => sum + points.length, 0);
    expect(cells).toBeLessThanOrEqual(10_000);
  });

  it("refuses queries that would take too long", async () => {
    const answer = await system.get(`/metrics/${BOTH}/series?from=0001-01-01&step=total`);
    expectRefusal(answer, 400);
    expect(answer.text).toMatch(/fewer instances or a shorter period/);
  });
});

describe("failures", () => {
  it("are counted by reason, in total and in a period, with the newest as examples", async () => {
    const instance = freshInstance();
    const phone = "79005556677";
    await system.acceptInOrder(
      failureOf(instance, "OLD", "Uploader Error", { timestamp: START }),
      failureOf(instance, "EMPTY", `file should not be empty. URL: https://files.example/${phone}`),
      failureOf(instance, "EMPTY 2", "file should not be empty. URL: x", { timestamp: nowSeconds() - 60 }),
      statusOf(instance, "NOBODY", "noAccount", { timestamp: nowSeconds() - 30 }),
    );
    const all = await failuresOf(instance);
    expect(all).toMatchObject({ from: null, to: null, total: 4 });
    expect(all.byStatus).toEqual({ failed: 3, noAccount: 1, notInGroup: 0, noActiveSession: 0 });
    expect(all.byReason[0]).toEqual({ status: "failed", reason: "file_empty", count: 2 });
    expect(all.byReason).toHaveLength(3);
    expect(all.examples.map(({ idMessage }) => idMessage)).toEqual(["EMPTY", "NOBODY", "EMPTY 2", "OLD"]);
    expect(JSON.stringify(all)).not.toContain(phone);
    const recent = await failuresOf(instance, `?from=${String(nowSeconds() - 86_400)}`);
    expect(recent).toMatchObject({ total: 3, byStatus: { failed: 2, noAccount: 1 } });
    expect(recent.examples.map(({ idMessage }) => idMessage)).not.toContain("OLD");
    const then = await failuresOf(instance, `?from=${YEAR}-10-14&to=${YEAR}-10-16&tz=Europe/Berlin`);
    expect(then).toMatchObject({
      total: 1,
      byReason: [{ reason: "uploader_error" }],
      from: `${YEAR}-10-14T00:00:00.000+02:00`,
    });
  });

  it("of several instances are summed", async () => {
    const { byStatus } = await failuresOf(BOTH);
    const expected = (word: string) => generated.events.filter(({ counts }) => counts === word).length;
    expect(byStatus).toEqual({
      failed: expected("failed"),
      noAccount: expected("noAccount"),
      notInGroup: expected("notInGroup"),
      noActiveSession: expected("noActiveSession"),
    });
  });

  it.each(["?from=x", "?tz=x", "?status=failed"])("refuse %s", async (query) => {
    expectRefusal(await system.get(`/metrics/${SALES}/failures${query}`), 400);
  });
});

describe("latency", () => {
  it("returns the latencies of messages, and null without measurements", async () => {
    const instance = freshInstance();
    const at = nowSeconds() - 3600;
    await system.accept(statusOf(instance, "ONLY SENT", "sent", { timestamp: at }));
    const ask = async () => {
      await system.drained();
      const { text } = await system.get(`/metrics/${instance}/latency`);
      return latencyAnswer.parse(JSON.parse(text)).latency;
    };
    expect((await ask()).stages.sentToDelivered).toEqual({ count: 0, mean: null, p50: null, p90: null, p99: null });
    const ids = Array.from({ length: 10 }, (_, i) => `L${String(i)}`);
    await system.accept(...ids.map((id) => statusOf(instance, id, "sent", { timestamp: at })));
    await system.drained();
    const arrived = (i: number) => ({ timestamp: at + (i < 9 ? 4 : 100) });
    await system.accept(...ids.map((id, i) => statusOf(instance, id, "delivered", arrived(i))));
    // Nine in (2, 5], one in (60, 120].
    const { stages } = await ask();
    expect(stages.sentToDelivered).toMatchObject({ count: 10, mean: 13.6, p90: 5 });
    expect(stages.sentToDelivered.p50).toBeCloseTo(2 + (3 * 5) / 9, 9);
    expect(stages.sentToDelivered.p99).toBeCloseTo(60 + 60 * 0.9, 6);
    expect(stages.eventToReceipt.count).toBe(21);
    expect(stages.deliveredToRead.count).toBe(0);
  });
});
