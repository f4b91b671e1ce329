import { expect } from "vitest";
import { errorAnswer, instanceCreatedAnswer, tokenAnswer } from "../../packages/schemas/src/index.ts";
import type { Answer, System } from "../system.ts";

/** The shape that every refusal has; it shows nothing of our inside. @returns its code */
export function expectRefusal({ status, headers, text }: Answer, expected: number): string {
  expect(`${status} ${text}`).toMatch(new RegExp(`^${expected} `));
  expect(headers.get("content-type")).toMatch(/^application\/json/);
  const { error } = errorAnswer.strict().parse(JSON.parse(text));
  expect(error.message).not.toBe("");
  expect(text).not.toMatch(/ {4}at |\.[jt]s:|ticktally:|node_modules|ECONN|127\.0\.0\.1|ioredis/);
  if (expected === 503) expect(Number(headers.get("retry-after"))).toBeGreaterThan(0);
  return error.code;
}

/** A new TokenInstance; the instance is made if it is not there. Two are valid at a time. */
export async function giveToken(system: System, instance: string): Promise<string> {
  const created = await system.send("POST", "/instances", { idInstance: instance });
  if (created.status === 201) return instanceCreatedAnswer.parse(JSON.parse(created.text)).token;
  const { text } = await system.send("POST", `/instances/${instance}/token`);
  return tokenAnswer.parse(JSON.parse(text)).token;
}
