import { expect, it } from "vitest";
import { HostPlaces } from "./host-places.ts";

it("gives ten places a host, and one that is given back to the next who asks", () => {
  const places = new HostPlaces();
  for (let i = 0; i < 10; i++) expect(places.take("a", "crm")).toBeUndefined();
  expect(places.take("a", "crm")).toBeGreaterThan(0);
  expect(places.take("b", "bot")).toBeUndefined();
  places.giveBack("a", "crm");
  expect(places.take("a", "crm")).toBeUndefined();
  expect(places.take("a", "crm")).toBeGreaterThan(0);
});

it("leaves each target one place, whatever others have taken at the same host", () => {
  const places = new HostPlaces();
  for (let i = 0; i < 10; i++) places.take("a", "slow");
  expect(places.take("a", "crm")).toBeUndefined();
  expect(places.take("a", "crm")).toBeGreaterThan(0);
  expect(places.take("a", "bot")).toBeUndefined();
  places.giveBack("a", "crm");
  expect(places.take("a", "crm")).toBeUndefined();
});

it("has many lanes ask less often, and never more than half a minute apart", () => {
  const places = new HostPlaces();
  const waits = Array.from({ length: 20_000 }, () => places.take("a", "crm") ?? 0);
  expect(waits[10_000]).toBeGreaterThan(waits[20] ?? Infinity);
  expect(Math.max(...waits)).toBe(30_000);
});
