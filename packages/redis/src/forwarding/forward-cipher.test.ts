import { randomBytes } from "node:crypto";
import { expect, it } from "vitest";
import { ForwardCipher } from "./forward-cipher.ts";

const [first, second] = [randomBytes(32), randomBytes(32)];
const text = Buffer.from("hello");

it("encrypts with the first key, and decrypts with any", () => {
  const sealed = new ForwardCipher([first]).seal(text, "lane");
  expect(sealed.includes(text)).toBe(false);
  expect(new ForwardCipher([second, first]).open(sealed, "lane")).toEqual(text);
});

it("decrypts nothing without the key, in another context, or if it was changed or cut", () => {
  const sealed = new ForwardCipher([first]).seal(text, "lane");
  const cipher = new ForwardCipher([first]);
  expect(new ForwardCipher([second]).open(sealed, "lane")).toBeUndefined();
  expect(cipher.open(sealed, "other lane")).toBeUndefined();
  for (let at = 0; at < sealed.length; at++) {
    const changed = Buffer.from(sealed);
    changed[at] = (changed[at] ?? 0) ^ 1;
    expect(cipher.open(changed, "lane")).toBeUndefined();
    expect(cipher.open(sealed.subarray(0, at), "lane")).toBeUndefined();
  }
});

it("never produces the same bytes twice", () => {
  const cipher = new ForwardCipher([first]);
  expect(cipher.seal(text, "lane")).not.toEqual(cipher.seal(text, "lane"));
});
