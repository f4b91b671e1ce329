import { outboundAgent } from "@ticktally/outbound";
import { ForwardedInstances, GatewayPace } from "@ticktally/redis";
import type { OutboundNetworks } from "@ticktally/schemas";
import { GatewayChecker } from "../gateway-check/gateway-checker.ts";
import { BackgroundEraser } from "../instances/background-eraser.ts";
import { DeletionFollowUp } from "../instances/deletion-follow-up.ts";
import { InstanceChanges } from "../instances/instance-changes.ts";
import { InstanceDirectory } from "../instances/instance-directory.ts";
import type { FleetSource } from "../ops/fleet-source.ts";
import { growingOf } from "../ops/summed-row.ts";
import type { ApiDeps, Stored } from "./open-stored.ts";

/** Dependencies of the routes that list, change, delete and check instances. */
export function instanceDeps(
  { env, logger, redis, keys, now }: ApiDeps,
  stored: Stored,
  { outbound, fleet }: { readonly outbound: OutboundNetworks; readonly fleet: Pick<FleetSource, "forget"> },
) {
  const { registry, upstreams, quarantine, deleted, instanceEraser } = stored;
  const forwarded = new ForwardedInstances(redis, keys);
  const followUp = new DeletionFollowUp({
    deleted,
    registry,
    upstreams,
    quarantine,
    eraser: instanceEraser,
    forwarded,
    now,
  });
  const erase = async () => {
    await followUp.look();
    const erased = await instanceEraser.erase();
    await stored.labels.finishAll();
    return erased;
  };
  const eraser = new BackgroundEraser({ erase }, logger);
  const [stopping, agent] = [new AbortController(), outboundAgent(outbound)];
  return {
    directory: new InstanceDirectory(stored.overviews, upstreams, stored.stateHistory),
    changes: new InstanceChanges({
      administration: registry,
      settings: stored.settings,
      upstreams,
      eraser: instanceEraser,
      quarantine,
      grown: async (id) => {
        const [totals] = await stored.counts.totals([id]);
        return totals === undefined ? new Map() : growingOf(totals);
      },
      forwarded,
      outbound,
      onForgotten: (id) => {
        fleet.forget(id);
        eraser.wake();
      },
      logger,
    }),
    checker: new GatewayChecker({
      registry,
      pace: new GatewayPace(redis, keys),
      agent,
      publicUrl: env.PUBLIC_URL,
      webhookToken: env.TICKTALLY_WEBHOOK_TOKEN,
      signal: stopping.signal,
    }),
    eraser,
    stopChecks: () => {
      stopping.abort();
    },
    closeConnections: async () => agent.destroy(),
  };
}
