import { LABEL_SLOTS_MAX, labelTime } from "@ticktally/core";
import { afterAll, expect, it } from "vitest";
import { INSTANCE_KEYS } from "../keys.ts";
import { defineScripts } from "../scripts.ts";
import { testConnection, testKeys } from "../testing.ts";
import { NO_COUNTS } from "./label-codec.ts";
import { readLabelSums } from "./label-sums.ts";

const redis = testConnection("worker");
const keys = testKeys();
defineScripts(redis);

afterAll(() => {
  redis.disconnect();
});

// As one argument list of a command these were more than Lua can hand on, and the instance's counters were never added up again.
it("more labels and hours of one day than a command can have arguments are read", async () => {
  const [root, now] = [keys.instance("91001"), Math.floor(Date.now() / 1000)];
  const labels = Array.from({ length: 10_000 }, (_, n) => n + 1);
  const counts = labels.flatMap((label) => [String(label), NO_COUNTS]);
  await redis.hset(root + INSTANCE_KEYS.LABEL_COUNTS, ...counts);
  const day = Math.floor(now / 86_400) - 1;
  const pending = new Map(labels.map((label) => [labelTime(label, 24 * day + (label % 24)) * LABEL_SLOTS_MAX, label]));
  const { fields, moves, firstHour } = await readLabelSums(redis, root, pending, now);
  expect(fields).toHaveLength(20_000);
  expect(new Set(fields.map(({ key }) => key))).toEqual(
    new Set([INSTANCE_KEYS.LABEL_COUNTS, INSTANCE_KEYS.LABEL_HOURS + String(day)]),
  );
  expect(moves).toEqual([[INSTANCE_KEYS.LABEL_DAYS, String(day), 10_000]]);
  expect(firstHour).toBe(24 * day);
});
