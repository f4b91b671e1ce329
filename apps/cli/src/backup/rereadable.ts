import { createReadStream, createWriteStream, fstatSync } from "node:fs";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pipeline } from "node:stream/promises";

/** Something that can be read from its beginning as often as one likes. */
export interface Rereadable {
  stream(): AsyncIterable<Buffer>;
  discard(): Promise<void>;
}

/** What stdin is: a file, or a pipe whose content is kept in a file of the temporary folder meanwhile. */
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
