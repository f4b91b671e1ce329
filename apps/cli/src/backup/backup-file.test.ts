import { PassThrough, Readable } from "node:stream";
import { buffer } from "node:stream/consumers";
import { BACKUP_FORMAT, type BackupHeader, type BackupLine } from "@ticktally/schemas";
import { beforeAll, describe, expect, it } from "vitest";
import { BackupWriter, readBackup } from "./backup-file.ts";

const HEADER: BackupHeader = {
  kind: "ticktally-export",
  format: BACKUP_FORMAT,
  version: "0.2.0",
  at: "2026-11-26T12:00:00.000Z",
  instances: "all",
  retentionDays: 30,
};
const base64 = (text: string) => Buffer.from(text).toString("base64");
const LINES: readonly BackupLine[] = ["7103000001", "7103000002"].flatMap((id): BackupLine[] => [
  { kind: "instance", id, name: `sales\u2028${id}`, tokens: ["ab".repeat(32)] },
  { kind: "hash", key: "messages:0:0", values: [base64("field"), base64("value")] },
  { kind: "end", id, keys: 1, messages: 1, meta: [], counts: base64("counts"), retracted: "", pending: "" },
]);

async function written(header: BackupHeader = HEADER): Promise<string> {
  const out = new PassThrough();
  const writer = new BackupWriter(out);
  await writer.header(header);
  for (const line of LINES) await writer.line(line);
  expect(await writer.trailer()).toMatchObject({ lines: LINES.length, instances: 2, keys: 2, messages: 2 });
  out.end();
  return (await buffer(out)).toString();
}

/** @param chunkBytes how the file arrives */
async function read(text: string, chunkBytes = 65_536): Promise<readonly (BackupHeader | BackupLine)[]> {
  const bytes = Buffer.from(text);
  const chunks = Array.from({ length: Math.ceil(bytes.length / chunkBytes) }, (_, i) =>
    bytes.subarray(i * chunkBytes, (i + 1) * chunkBytes),
  );
  const lines: (BackupHeader | BackupLine)[] = [];
  for await (const line of readBackup(Readable.from(chunks))) lines.push(line);
  return lines;
}

describe("an export file", () => {
  let file = "";
  let lines: readonly string[] = [];
  beforeAll(async () => {
    file = await written();
    lines = file.trimEnd().split("\n");
  });
  const text = (some: readonly string[]) => `${some.join("\n")}\n`;

  it.each([1, 7, 65_536])("is read as it was written, in chunks of %i bytes", async (chunkBytes) => {
    expect(await read(file, chunkBytes)).toEqual([HEADER, ...LINES]);
  });

  it("is read after the lines with which npm run begins its output", async () => {
    expect(await read(`\n> ticktally@0.1.0 export\n> node scripts/cli.mjs export\n\n${file}`)).toEqual([
      HEADER,
      ...LINES,
    ]);
  });

  const damages: readonly [string, () => string, string][] = [
    ["without its last line", () => text(lines.slice(0, -1)), "cut short"],
    ["without its last bytes", () => file.slice(0, -40), `Line ${String(LINES.length + 2)} of the file is damaged`],
    ["with a changed byte", () => text(lines.with(2, (lines[2] ?? "").replace(/.$/, ")"))), "Line 3 of the file is"],
    ["without a line in the middle", () => text(lines.toSpliced(2, 1)), "lines are missing or changed"],
    ["with a line twice", () => text(lines.toSpliced(2, 0, lines[2] ?? "")), "lines are missing or changed"],
    [
      "with two lines exchanged",
      () => text(lines.with(1, lines[2] ?? "").with(2, lines[1] ?? "")),
      "lines are missing",
    ],
    ["that is JSON", () => "{}\n", "not an export of Ticktally"],
    ["that is empty", () => "", "not an export of Ticktally"],
  ];
  it.each(damages)("%s is refused with the reason", async (_, damaged, reason) => {
    await expect(read(damaged())).rejects.toThrow(reason);
  });

  it("of a later format is refused: it names the version that wrote it", async () => {
    const later = await written({ ...HEADER, format: BACKUP_FORMAT + 1, version: "9.0.0" });
    await expect(read(later)).rejects.toThrow("written by version 9.0.0");
  });
});
