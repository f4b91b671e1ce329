import { BackupError, otherClients, Pipeline, Upgrade } from "@ticktally/redis";
import { onRedis, optionsOf, tell } from "./command.ts";

/**
 * `upgrade [--others]`: converts data of version 0.1 to the current layout; see docs/upgrading.md. It can be interrupted and run again.
 * `--others`: proceed although connected programs may be processes of version 0.1.
 */
export const upgrade = onRedis(async (context) => {
  const { others } = optionsOf(context.args, { others: { type: "boolean", default: false } });
  const { redis, keys } = context;
  const workers = await new Pipeline(redis, keys).workers();
  if (workers > 0)
    throw new BackupError(
      `${String(workers)} workers are connected to this Redis: stop all processes of version 0.1 first.`,
    );
  const clients = others ? [] : await otherClients(redis);
  if (clients.length > 0)
    throw new BackupError(
      `Other programs are connected to this Redis: ${clients.join(", ")}. Stop all processes of version 0.1 first; if none of these is one, use --others.`,
    );
  const upgrade = new Upgrade(context);
  const report = await upgrade.run((done, of) => {
    if (done % 100 === 0 || done === of) tell(`${String(done)} of ${String(of)} instances`);
  });
  if (report === undefined) {
    tell("Nothing to do: the data already have the layout of this version.");
    return;
  }
  tell(`Upgraded ${String(report.instances)} instances with ${String(report.messages)} messages.`);
  if (report.damaged.length > 0)
    tell(`Counters were lower than the messages they count, and stand at 0 now: ${report.damaged.join(", ")}.`);
});
