import { createReadStream, createWriteStream, fstatSync } from "node:fs";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pipeline } from "node:stream/promises";

/** A stream that can be read from its beginning any number of times. */
export interface Rereadable {
  stream(): AsyncIterable<Buffer>;
  discard(): Promise<void>;
}

/** Stdin as a rereadable: a file, or a pipe whose content is copied to a temporary file. */
export async function rereadable(): Promise<Rereadable> {
  if (fstatSync(0).isFile())
    return {
      stream: () => createReadStream("", { fd: 0, start: 0, autoClose: false }),
      discard: async () => Promise.resolve(),
    };
  const folder = await mkdtemp(join(tmpdir(), "ticktally-import-"));
  const path = join(folder, "export");
  const discard = async () => rm(folder, { recursive: true, force: true });
  try {
    await pipeline(process.stdin, createWriteStream(path, { mode: 0o600 }));
    return { stream: () => createReadStream(path), discard };
  } catch (error) {
    await discard();
    throw error;
  }
}
