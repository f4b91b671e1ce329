import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { readEnvironment, toolEnvironment } from "../../packages/schemas/src/index.ts";
import { withSecretFiles } from "./secret-files.mjs";

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "ticktally-secrets-"));
});
afterEach(() => {
  rmSync(folder, { recursive: true, force: true });
});

function fileOf(text: string): string {
  const path = join(folder, "secret");
  writeFileSync(path, text);
  return path;
}

describe("withSecretFiles", () => {
  it("reads secrets from files in the same way as the apps", () => {
    const given = { REDIS_URL: "", REDIS_URL_FILE: fileOf(" redis://:secret@127.0.0.1:6379\n") };
    const { REDIS_URL } = readEnvironment(toolEnvironment, given);
    const env = withSecretFiles(given);
    expect(env["REDIS_URL"]).toBe(REDIS_URL);
    expect(readEnvironment(toolEnvironment, env).REDIS_URL).toBe(REDIS_URL);
  });

  it("reports all faults at once, without paths", () => {
    const env = {
      REDIS_URL: "redis://127.0.0.1:6379",
      REDIS_URL_FILE: fileOf("x"),
      TICKTALLY_ACCOUNT_TOKEN_FILE: join(folder, "none"),
      TICKTALLY_WEBHOOK_TOKEN_FILE: folder,
    };
    expect(() => withSecretFiles(env)).toThrow(
      /REDIS_URL_FILE are both.*_TOKEN_FILE \(ENOENT\).*_TOKEN_FILE \(EISDIR\)/s,
    );
    expect(() => withSecretFiles(env)).not.toThrow(folder);
    expect(() => withSecretFiles({ REDIS_URL_FILE: fileOf("\n") })).toThrow("(it is empty)");
  });
});
