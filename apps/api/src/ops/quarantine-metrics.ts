import type { InstanceId, RegisteredInstance } from "@ticktally/core";
import type { QuarantineShare, RedisQuarantine } from "@ticktally/redis";
import { Family, labelled } from "./exposition.ts";

/** An instance near its own limit, a quarter of the total, is among the largest. */
const SHARES_READ_MAX = 1_000;

/**
 * The contents of the quarantine, in total and by instance: for instances that are shown individually, and the largest share among all
 * others and entries that name none.
 *
 * @param others the label of all others
 */
export async function quarantineText(
  quarantine: Pick<RedisQuarantine, "size" | "bytes" | "largestShares">,
  shown: readonly RegisteredInstance[],
  others: string,
): Promise<string> {
  const [all, bytes, shares] = await Promise.all([
    quarantine.size(),
    quarantine.bytes(),
    quarantine.largestShares(SHARES_READ_MAX),
  ]);
  const names = new Map<InstanceId, string>(shown.map(({ id, name }) => [id, name]));
  const families = {
    size: new Family("ticktally_quarantine_size", "gauge", "Webhooks in quarantine."),
    bytes: new Family("ticktally_quarantine_bytes", "gauge", "Bytes of the webhooks in quarantine."),
    ownSize: new Family("ticktally_instance_quarantine_size", "gauge", "Webhooks of an instance in quarantine."),
    ownBytes: new Family(
      "ticktally_instance_quarantine_bytes",
      "gauge",
      "Bytes of an instance's webhooks in quarantine.",
    ),
  };
  families.size.add("", all);
  families.bytes.add("", bytes);
  for (const [name, share] of byName(shares, names, others)) {
    families.ownSize.add(labelled({ wa_instance: name }), share.entries);
    families.ownBytes.add(labelled({ wa_instance: name }), share.bytes);
  }
  return Object.values(families)
    .map((family) => family.text())
    .join("");
}

function byName(
  shares: readonly QuarantineShare[],
  names: ReadonlyMap<InstanceId, string>,
  others: string,
): ReadonlyMap<string, Omit<QuarantineShare, "instance">> {
  const found = new Map<string, Omit<QuarantineShare, "instance">>();
  for (const { instance, entries, bytes } of shares) {
    const name = names.get(instance) ?? others;
    const before = found.get(name) ?? { entries: 0, bytes: 0 };
    found.set(name, { entries: Math.max(before.entries, entries), bytes: Math.max(before.bytes, bytes) });
  }
  return found;
}
