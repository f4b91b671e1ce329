import { expect } from "vitest";
import { errorAnswer, instanceCreatedAnswer, tokenAnswer } from "../../packages/schemas/src/index.ts";
import type { Answer, System } from "../system.ts";

/** Check the shape of an error answer; it must not reveal internals. @returns its code */
export function expectRefusal({ status, headers, text }: Answer, expected: number): string {
  expect(`${status} ${text}`).toMatch(new RegExp(`^${expected} `));
  expect(headers.get("content-type")).toMatch(/^application\/json/);
  const { error } = errorAnswer.strict().parse(JSON.parse(text));
  expect(error.message).not.toBe("");
  expect(text).not.toMatch(/ {4}at |\.[jt]s:|ticktally:|node_modules|ECONN|127\.0\.0\.1|ioredis/);
  if (expected === 503) expect(Number(headers.get("retry-after"))).toBeGreaterThan(0);
  return error.code;
}

/** Create a token for an instance; the instance is created if it does not exist. Two tokens are valid at a time. */
export async function giveToken(system: System, instance: string): Promise<string> {
  const created = await system.send("POST", "/instances", { idInstance: instance });
  if (created.status === 201) return instanceCreatedAnswer.parse(JSON.parse(created.text)).token;
  const { text } = await system.send("POST", `/instances/${instance}/token`);
  return tokenAnswer.parse(JSON.parse(text)).token;
}
