import { expect, it } from "vitest";
import { HostPlaces } from "./host-places.ts";

it("allows ten places for each host, and gives a released one to the next request", () => {
  const places = new HostPlaces();
  for (let i = 0; i < 10; i++) expect(places.take("a", "crm")).toBeUndefined();
  expect(places.take("a", "crm")).toBeGreaterThan(0);
  expect(places.take("b", "bot")).toBeUndefined();
  places.giveBack("a", "crm");
  expect(places.take("a", "crm")).toBeUndefined();
  expect(places.take("a", "crm")).toBeGreaterThan(0);
});

it("keeps one place for each target, whatever other targets at the same host use", () => {
  const places = new HostPlaces();
  for (let i = 0; i < 10; i++) places.take("a", "slow");
  expect(places.take("a", "crm")).toBeUndefined();
  expect(places.take("a", "crm")).toBeGreaterThan(0);
  expect(places.take("a", "bot")).toBeUndefined();
  places.giveBack("a", "crm");
  expect(places.take("a", "crm")).toBeUndefined();
});

it("makes many lanes ask less often, but at least every half minute", () => {
  const places = new HostPlaces();
  const waits = Array.from({ length: 20_000 }, () => places.take("a", "crm") ?? 0);
  expect(waits[10_000]).toBeGreaterThan(waits[20] ?? Infinity);
  expect(Math.max(...waits)).toBe(30_000);
});
