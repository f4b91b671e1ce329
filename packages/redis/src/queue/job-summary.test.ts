import { webhookJobOf, webhookLine } from "@ticktally/schemas";
import { describe, expect, it } from "vitest";
import { reconcileJobSummary, webhookJobSummary } from "./job-summary.ts";

const line = (instance: number | string, receivedAtMs: number) =>
  webhookLine({
    receivedAtMs,
    text: `{"instanceData":{"idInstance":${String(instance)}},"chatId":"79001234567@c.us","idMessage":"M"}`,
  });

/** The instance id in a line of these tests. */
const instanceOf = ({ text }: { readonly text: string }) => /"idInstance":(\d+)/.exec(text)?.[1];

describe("webhookJobSummary", () => {
  it("contains only the number, age and instances of the webhooks", () => {
    const job = webhookJobOf([line(7103, 2_000), line("18446744073709551615", 1_000), line(7103, 3_000), "4000 [1]"]);
    expect(webhookJobSummary(job, instanceOf)).toEqual({
      webhooks: 4,
      oldestReceivedAt: "1970-01-01T00:00:01.000Z",
      instances: ["7103", "18446744073709551615", "none"],
    });
  });

  it("reads only the first hundred of a large batch", () => {
    const lines = Array.from({ length: 300 }, (_, i) => line(i < 100 ? 1 : 2, i));
    expect(webhookJobSummary(webhookJobOf(lines), instanceOf)).toMatchObject({
      webhooks: 300,
      instances: ["1"],
      instancesOfTheFirst: 100,
    });
  });

  it.each([undefined, null, "79001234567@c.us", { v: 9, lines: "x" }, { v: 1, lines: "79001234567@c.us" }])(
    "shows nothing of an unreadable job: %j",
    (data) => {
      expect(webhookJobSummary(data, instanceOf)).toEqual({ unreadable: true });
    },
  );
});

describe("reconcileJobSummary", () => {
  it("contains the number of messages in a journal, not the messages", () => {
    const entries = [{ type: "incoming", idMessage: "M", timestamp: 1, chatId: "79001234567@c.us" }];
    const job = { v: 1, kind: "file", instance: "7103", entries, unread: 2 };
    expect(reconcileJobSummary(job)).toEqual({ ...job, entries: 1 });
    expect(reconcileJobSummary({ ...job, v: 2 })).toEqual({ unreadable: true });
  });
});
