import { expect, it } from "vitest";
import { Feed, PAUSE_MS } from "./feed.ts";

it("sends webhooks in order, and repeats a refused one a minute later, before the next ones", async () => {
  const story: (string | number)[] = [];
  const refusals = new Map([["b", 2]]);
  let inFlight = 0;
  const feed = new Feed({
    pauseMs: PAUSE_MS,
    signal: new AbortController().signal,
    post: async (webhook) => {
      const name = Object.keys(webhook).join();
      inFlight += 1;
      expect(inFlight).toBe(1);
      await Promise.resolve();
      inFlight -= 1;
      story.push(name);
      const left = refusals.get(name) ?? 0;
      refusals.set(name, left - 1);
      return left <= 0;
    },
    pause: async (ms) => Promise.resolve(story.push(ms)),
  });
  for (const webhook of [{ a: 1 }, { b: 1 }, { c: 1 }]) feed.push(webhook);
  await feed.idle();
  expect(story).toEqual(["a", "b", 60_000, "b", 60_000, "b", "c"]);
  expect(feed.size).toBe(0);
});

it("sends nothing after its end, and keeps webhooks that were not accepted", async () => {
  const ending = new AbortController();
  let posts = 0;
  const feed = new Feed({
    pauseMs: PAUSE_MS,
    signal: ending.signal,
    post: async () => {
      posts += 1;
      ending.abort();
      return Promise.resolve(false);
    },
  });
  feed.push({ a: 1 });
  feed.push({ b: 1 });
  await feed.idle();
  expect([posts, feed.size]).toEqual([1, 2]);
});
