import type { RestClient } from "./rest-client.ts";
import type { Period, SimulatedInstance, Traffic } from "./traffic/traffic.ts";

const IDS_A_CALL = 1_000;

/** Label the messages of campaigns that begin in a period, as the sending program would. */
export async function setLabels(
  rest: Pick<RestClient, "send">,
  traffic: Traffic,
  { prefix, begun }: { readonly prefix: string; readonly begun: Period },
): Promise<void> {
  for (const instance of traffic.instances) {
    for (const [label, ids] of labelledIn(traffic, instance, begun)) {
      for (let from = 0; from < ids.length; from += IDS_A_CALL) {
        const idMessages = ids.slice(from, from + IDS_A_CALL);
        await rest.send("PUT", `/labels/${label}`, { instance: prefix + instance.name, idMessages });
      }
    }
  }
}

function labelledIn(traffic: Traffic, instance: SimulatedInstance, begun: Period): ReadonlyMap<string, string[]> {
  const ids = new Map<string, string[]>();
  if (instance.character.campaign === undefined) return ids;
  for (const { id, label } of traffic.messagesBetween(instance, begun)) {
    if (label === undefined) continue;
    const known = ids.get(label);
    if (known === undefined) ids.set(label, [id]);
    else known.push(id);
  }
  return ids;
}
