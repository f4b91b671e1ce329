import { z } from "zod";
import { AdjustableClock } from "../support/adjustable-clock.ts";
import { TargetReceiver } from "../support/target-receiver.ts";
import { until } from "../support/until.ts";
import { observation } from "../support/webhooks.ts";
import { startSystem, type System } from "../system.ts";
import type { Scenario } from "./catalogue.ts";
import type { Result } from "./trial.ts";

const NAME = "target-dead-for-a-day";
const HOUR_MS = 3_600_000;
const INSTANCES = 10;
/** The receiver is down for this many hours, and then for another half hour. */
const HOURS = 26;
/** Webhooks of the first hours are a day old by then. */
const EXPIRED_HOURS = 2;
const WAIT_MS_MAX = 120_000;

/**
 * The receiver is down for a day, simulated by adjustable clocks. Webhooks older than a day become dead letters, and the others are received later.
 * Then the dead letters are replayed.
 */
export const FORWARDED_DAY_SCENARIO: Scenario = {
  name: NAME,
  run: async (seed): Promise<Result> => {
    const clock = await AdjustableClock.start();
    const env = { FORWARD_PAUSE_MS: "500", ...clock.env } as Readonly<Record<string, string>>;
    const [system, receiver] = await Promise.all([startSystem({ forwards: true, env }), TargetReceiver.start()]);
    try {
      const instances = Array.from({ length: INSTANCES }, (_, i) => String(7_103_100_000 + i));
      await system.send("POST", "/targets", { name: "all", url: receiver.url, mode: "relay" });
      const { port } = receiver;
      await receiver.stop();
      for (let hour = 0; hour < HOURS; hour++) {
        await clock.moveTo(clock.now() + HOUR_MS);
        for (const instance of instances) await system.accept(observation("incoming", instance, `H${hour}`));
      }
      await clock.moveTo(clock.now() + HOUR_MS / 2);
      const expired = EXPIRED_HOURS * INSTANCES;
      await until(
        "webhooks older than a day are dead letters",
        async () => (await viewOf(system)).dead >= expired,
        WAIT_MS_MAX,
      );
      const backlog = await viewOf(system);
      const recoveryStartedAt = Date.now();
      await receiver.restart(port);
      await until("the rest is received", async () => (await viewOf(system)).depth === 0, WAIT_MS_MAX);
      const recoverySeconds = (Date.now() - recoveryStartedAt) / 1000;
      const inOrder = receiver.posts.length;
      await system.send("POST", "/targets/all/dead/replay", {});
      await until("the dead letters are received", async () => {
        const { depth, dead } = await viewOf(system);
        return depth === 0 && dead === 0;
      });
      const acknowledged = HOURS * INSTANCES;
      const { totalMessages } = await system.counted("all");
      const faults = [
        ...instances.flatMap((instance) => orderFaults(receiver, instance)),
        ...(backlog.dead === expired && backlog.depth === acknowledged - expired ? [] : [JSON.stringify(backlog)]),
        ...(totalMessages === acknowledged ? [] : [`${totalMessages} messages are counted`]),
      ];
      const note = `${backlog.dead} dead letters, ${inOrder} received after the day, ${receiver.posts.length - inOrder} replayed`;
      const none = { refused: 0, unanswered: 0, lost: 0, countedTwice: 0, mayLose: false };
      return { fault: NAME, seed, instances, acknowledged, recoverySeconds, note, faults, ...none };
    } finally {
      await Promise.all([system.stop(), receiver.stop().catch(() => undefined)]);
      await clock.remove();
    }
  },
};

const view = z.object({ target: z.object({ depth: z.number(), dead: z.number() }) });

async function viewOf(system: System): Promise<z.infer<typeof view>["target"]> {
  return view.parse(JSON.parse((await system.get("/targets/all")).text)).target;
}

/** The order must be: webhooks younger than a day in order, then the replayed older ones. */
function orderFaults({ posts }: TargetReceiver, instance: string): readonly string[] {
  const hours = Array.from({ length: HOURS }, (_, hour) => `H${hour}`);
  const expected = [...hours.slice(EXPIRED_HOURS), ...hours.slice(0, EXPIRED_HOURS)];
  const own = posts.filter(({ body }) => body.includes(`"idInstance":${instance}`));
  const ids = own.map(({ body }) => z.object({ idMessage: z.string() }).parse(JSON.parse(body)).idMessage);
  const once = ids.filter((id, i) => id !== ids[i - 1]);
  return once.join() === expected.join() ? [] : [`${instance} was forwarded ${once.join(" ")}`];
}
