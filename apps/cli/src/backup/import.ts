import { BackupError, BackupTarget, requirePresentLayout } from "@ticktally/redis";
import type { BackupHeader, BackupTrailer } from "@ticktally/schemas";
import { readBackup } from "./backup-file.ts";
import { onRedis, optionsOf, tell } from "../command.ts";
import { rereadable, type Rereadable } from "./rereadable.ts";

/**
 * `import [--replace] [--running]`: an export, from stdin, into this Redis; see docs/backup.md. The whole file is checked before anything
 * is written. `--replace`: delete existing data of the instances in it. `--running`: import although workers run; no webhook of these
 * instances may arrive meanwhile.
 */
export const importInstances = onRedis(async (context) => {
  const { replace, running } = optionsOf(context.args, {
    replace: { type: "boolean", default: false },
    running: { type: "boolean", default: false },
  });
  if (process.stdin.isTTY)
    throw new BackupError("The export is read from stdin. Redirect it: npm run import -- < file");
  await requirePresentLayout(context.redis, context.keys);
  const input = await rereadable();
  try {
    const target = new BackupTarget(context, { replace });
    const workers = await target.pipeline.workers();
    if (workers > 0 && !running)
      throw new BackupError(
        `${workers} workers run on this Redis: stop them, or use --running if no webhook of these instances arrives during the import.`,
      );
    const { header, trailer, instances } = await checked(input);
    const faults = await target.conflicts(instances);
    if (faults.length > 0) throw new BackupError(`Nothing was written:\n${faults.join("\n")}`);

    const done = await written(input, target);
    tell(
      `Imported ${done} instances, ${trailer.messages} messages, ${trailer.quarantined} webhooks in quarantine, as of ${header.at}.`,
    );
  } finally {
    await input.discard();
  }
});

async function checked(input: Rereadable) {
  const instances: { readonly id: string; readonly name: string }[] = [];
  const lines = readBackup(input.stream());
  let header: BackupHeader | undefined;
  let trailer: BackupTrailer | undefined;
  while (trailer === undefined) {
    const next = await lines.next();
    if (next.done === true) trailer = next.value;
    else if (next.value.kind === "ticktally-export") header = next.value;
    else if (next.value.kind === "instance") instances.push({ id: next.value.id, name: next.value.name });
  }
  if (header === undefined) throw new BackupError("The file has no header.");
  return { header, trailer, instances };
}

/** Instance by instance; each is either imported completely or unchanged. */
async function written(input: Rereadable, target: BackupTarget): Promise<number> {
  let done = 0;
  try {
    for await (const line of readBackup(input.stream())) {
      if (line.kind === "ticktally-export") target.begin(line);
      else await target.write(line);
      if (line.kind === "end") done += 1;
    }
    return done;
  } catch (error) {
    tell(`${done} instances were imported, the others are unchanged. To continue, import again with --replace.`);
    throw error;
  }
}
