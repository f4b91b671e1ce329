import { BackupError, BackupSource, requirePresentLayout } from "@ticktally/redis";
import { BACKUP_FORMAT } from "@ticktally/schemas";
import { BackupWriter } from "./backup-file.ts";
import { onRedis, optionsOf, productVersion, tell } from "../command.ts";

/**
 * `export [--instance NAME …] [--settled]`: everything that is stored about all or some instances, to stdout; see docs/backup.md.
 * `--settled`: fail if webhooks wait or workers run, because the export would be incomplete.
 */
export const exportInstances = onRedis(async (context) => {
  const { instance: names, settled } = optionsOf(context.args, {
    instance: { type: "string", multiple: true },
    settled: { type: "boolean", default: false },
  });
  if (process.stdout.isTTY)
    throw new BackupError("The export is written to stdout. Redirect it: npm run export -- … > file");
  await requirePresentLayout(context.redis, context.keys);
  const source = new BackupSource(context);
  const instances = await source.instances(names);
  const ids = names === undefined ? undefined : instances.map(({ id }) => id);
  const [waiting, workers] = await Promise.all([source.pipeline.waiting(), source.pipeline.workers()]);
  const isSettled = waiting === 0 && workers === 0;
  if (settled && !isSettled)
    throw new BackupError(
      `Not settled: ${running(waiting, workers)}. Stop ingest, let the workers finish, then stop them.`,
    );

  const writer = new BackupWriter(process.stdout);
  await writer.header({
    kind: "ticktally-export",
    format: BACKUP_FORMAT,
    version: productVersion(),
    at: new Date(context.now()).toISOString(),
    instances: ids ?? "all",
    retentionDays: context.retentionDays,
  });
  for (const instance of instances) for await (const line of source.instance(instance)) await writer.line(line);
  for await (const line of source.quarantine(ids)) await writer.line(line);
  const left = await source.pipeline.waiting();
  if (settled && left > 0)
    throw new BackupError(`${String(left)} batches of webhooks arrived during the export: stop ingest first.`);
  const { messages, quarantined } = await writer.trailer();
  tell(`Exported ${instances.length} instances, ${messages} messages, ${quarantined} webhooks in quarantine.`);
  if (isSettled && left === 0) return;
  tell(`Not included: webhooks that are not counted yet (${running(Math.max(waiting, left), workers)}).`);
});

function running(waiting: number, workers: number): string {
  return `${waiting} batches of webhooks wait, ${workers} workers run`;
}
