import { expect, it } from "vitest";
import { requestIdOf } from "./request-id.ts";

it.each(["a", "7f6b0c1e-7d54-4a7e-9a1f-2b1c7c1a9f00", "edge_01.42", "x".repeat(64)])("repeats the id %s", (id) => {
  expect(requestIdOf(id)).toBe(id);
});

it.each([undefined, "", " ", "a b", "a\nb", '"', "79001234567@c.us", "x".repeat(65), ["a", "b"]])(
  "does not repeat an invalid id: %j",
  (header) => {
    expect(requestIdOf(header)).toBeUndefined();
  },
);
