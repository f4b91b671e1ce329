import type { RestClient } from "./rest-client.ts";
import type { SimulatedInstance, Traffic } from "./traffic/traffic.ts";
import { knownMessages, type Sent } from "./truth/expected.ts";

const IDS_A_CALL = 1_000;

/** Label the messages of campaigns, as a program that sends them would. @returns how many were labelled */
export async function setLabels(
  rest: Pick<RestClient, "send">,
  traffic: Traffic,
  instance: SimulatedInstance,
  { prefix, sent }: { readonly prefix: string; readonly sent: Sent },
): Promise<number> {
  const ids = new Map<string, string[]>();
  for (const { message } of knownMessages(traffic, instance, sent)) {
    if (message.label === undefined) continue;
    const known = ids.get(message.label) ?? [];
    known.push(message.id);
    ids.set(message.label, known);
  }
  let labelled = 0;
  for (const [label, all] of ids) {
    for (let from = 0; from < all.length; from += IDS_A_CALL) {
      const idMessages = all.slice(from, from + IDS_A_CALL);
      await rest.send("PUT", `/labels/${label}`, { instance: prefix + instance.name, idMessages });
      labelled += idMessages.length;
    }
  }
  return labelled;
}
