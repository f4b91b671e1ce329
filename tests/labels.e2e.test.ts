import { beforeAll, describe, expect, it } from "vitest";
import { z } from "zod";
import {
  groupedSeriesAnswer,
  labelsAnswer,
  labelSetAnswer,
  messageAnswer,
  messageListAnswer,
  seriesAnswer,
} from "../packages/schemas/src/index.ts";
import { YEAR } from "./support/clock-change.ts";
import { expectRefusal } from "./support/refusals.ts";
import { failureOf, freshInstance, observation, statusOf } from "./support/webhooks.ts";
import { sharedSystem } from "./shared-system.ts";
import type { System } from "./system.ts";

const [A, B] = [freshInstance(), freshInstance()].sort() as [string, string];
const DAY = Date.UTC(YEAR, 9, 31) / 1000;
const OCTOBER = `from=${YEAR}-10-01&to=${YEAR}-11-01&step=total`;

let system: System;
beforeAll(async () => {
  system = await sharedSystem();
});

const label = async (name: string, instance: string, idMessages: unknown, token?: string) =>
  system.send(
    "PUT",
    `/labels/${encodeURIComponent(name)}`,
    { instance, idMessages },
    token === undefined ? {} : { token },
  );

async function groups(path: string) {
  const { text } = await system.get(`/metrics/${path}`);
  return groupedSeriesAnswer.parse(JSON.parse(text)).series.groups;
}

describe("labels", () => {
  it("work as in the recipe: send messages, label their ids, and query the results of the campaign", async () => {
    const at = (seconds: number) => ({ timestamp: DAY + seconds });
    await system.acceptInOrder(observation("api", A, "KNOWN", at(0)), observation("api", B, "PLAIN", at(0)));
    const set = await label("spring 10 %", A, ["KNOWN", "COMES", "FAILS"]);
    expect(labelSetAnswer.parse(JSON.parse(set.text))).toEqual({
      success: true,
      label: "spring 10 %",
      instance: A,
      labelled: 1,
    });
    await system.acceptInOrder(
      statusOf(A, "KNOWN", "sent", at(1)),
      observation("api", A, "COMES", at(1)),
      statusOf(A, "COMES", "sent", at(2)),
      statusOf(A, "COMES", "delivered", at(3)),
      statusOf(A, "COMES", "read", at(4)),
      failureOf(A, "FAILS", "Uploader Error", at(5)),
      statusOf(B, "PLAIN", "sent", at(5)),
    );
    const { text } = await system.get(`/labels?instance=${A}`);
    expect(labelsAnswer.parse(JSON.parse(text)).labels).toEqual([{ label: "spring 10 %", messages: 3 }]);
    const found = await groups(`all/series?${OCTOBER}&groupBy=instance,label`);
    expect(
      found.map(({ key, totals: { messages, sent, delivered, read, failed } }) => [
        key,
        messages,
        sent,
        delivered,
        read,
        failed,
      ]),
    ).toEqual([
      [{ instance: A, label: "spring 10 %" }, 3, 2, 1, 1, 1],
      [{ instance: B, label: null }, 1, 1, 0, 0, 0],
    ]);
    const byReason = await groups(`${A}/series?${OCTOBER}&groupBy=label,reason`);
    expect(byReason.map(({ key, totals }) => [key, totals.failed])).toEqual([
      [{ label: "spring 10 %", reason: "uploader_error" }, 1],
    ]);
    const filtered = await system.get(`/metrics/all/series?${OCTOBER}&cohort=message&label=spring%2010%20%25`);
    expect(seriesAnswer.parse(JSON.parse(filtered.text)).series).toMatchObject({
      totals: { received: 0, sent: 2, delivered: 1, failed: 1, messages: 3 },
      rates: { deliveredRate: 0.5, failureRate: 1 / 3 },
    });
    const csv = await system.get(`/metrics/${A}/series?${OCTOBER}&groupBy=label&format=csv`);
    expect(csv.text).toContain("spring 10 %,");
  });

  it("are shown for each message, and filter lists", async () => {
    const one = await system.get(`/messages/${A}/COMES`);
    expect(messageAnswer.parse(JSON.parse(one.text)).message.labels).toEqual(["spring 10 %"]);
    const list = await system.get(`/messages/${A}?label=spring%2010%20%25&status=read`);
    expect(messageListAnswer.parse(JSON.parse(list.text)).messages.map(({ idMessage }) => idMessage)).toEqual([
      "COMES",
    ]);
    const none = await system.get(`/messages/${A}?label=autumn`);
    expect(messageListAnswer.parse(JSON.parse(none.text)).messages).toEqual([]);
    const plain = await system.get(`/messages/${B}/PLAIN`);
    expect(messageAnswer.parse(JSON.parse(plain.text)).message.labels).toEqual([]);
  });

  it("can be set with the instance's own token, not with another instance's or a read token", async () => {
    const tokenOf = async (path: string, body = "{}") =>
      z.object({ token: z.string() }).parse(JSON.parse((await system.send("POST", path, body)).text)).token;
    const [own, other] = [await tokenOf(`/instances/${A}/token`), await tokenOf(`/instances/${B}/token`)];
    const reader = await tokenOf("/tokens", JSON.stringify({ name: "bi", scope: "read" }));
    expect((await label("autumn", A, ["KNOWN"], own)).status).toBe(200);
    expectRefusal(await label("autumn", A, ["KNOWN"], other), 403);
    expectRefusal(await label("autumn", A, ["KNOWN"], reader), 403);
    expectRefusal(await system.send("DELETE", `/labels/autumn?instance=${A}`, undefined, { token: reader }), 403);
    expect((await system.get(`/labels?instance=${A}`, { token: reader })).status).toBe(200);
    expect((await system.send("DELETE", `/labels/autumn?instance=${A}`, undefined, { token: own })).status).toBe(200);
    expectRefusal(await system.send("DELETE", `/labels/autumn?instance=${A}`), 404);
  });

  it.each([
    ["a name that is too long", "x".repeat(65), ["KNOWN"]],
    ["a name with a line break", "a\nb", ["KNOWN"]],
    ["a name with a space at its end", "a ", ["KNOWN"]],
    ["no ids", "a", []],
    ["too many ids", "a", Array.from({ length: 1_001 }, (_, n) => String(n))],
    ["an empty id", "a", [""]],
    ["an id with an unknown field", "a", [{ idMessage: "KNOWN", label: "b" }]],
  ])("are refused with %s, and none is created", async (_, name, ids) => {
    expectRefusal(await label(name, A, ids), 400);
    const { text } = await system.get(`/labels?instance=${A}`);
    expect(labelsAnswer.parse(JSON.parse(text)).labels.map(({ label: known }) => known)).toEqual(["spring 10 %"]);
  });

  it("can be set on a thousand ids with chats in one call", async () => {
    const ids = Array.from({ length: 1_000 }, (_, n) => ({
      idMessage: `${"i".repeat(250)}${n}`,
      chatId: "79001234567@c.us",
    }));
    expect((await label("many", B, ids)).status).toBe(200);
  });
});
