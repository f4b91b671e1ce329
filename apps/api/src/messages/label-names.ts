import type { InstanceId, LabelStore, MessageRecord } from "@ticktally/core";

/** Label names by their numbers in records. */
export type LabelNames = ReadonlyMap<number, string>;

/** The label names of some messages; read only if a message has any. */
export async function labelNamesOf(
  labels: Pick<LabelStore, "labelNumbers">,
  instance: InstanceId,
  records: readonly MessageRecord[],
): Promise<LabelNames> {
  if (records.every((record) => record.labels.length === 0)) return new Map();
  return new Map([...(await labels.labelNumbers(instance))].map(([name, number]) => [number, name]));
}
