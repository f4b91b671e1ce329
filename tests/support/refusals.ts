import { createHash } from "node:crypto";
import { expect } from "vitest";
import { errorAnswer } from "../../packages/schemas/src/index.ts";
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

/** There is no route yet that makes a TokenInstance, so it is put where the registry keeps them. */
export async function giveToken(system: System, instance: string, token: string): Promise<void> {
  const digest = createHash("sha256").update(token).digest("hex");
  await system.askRedis("HSET", "ticktally:{registry}:tokens", digest, instance);
}
