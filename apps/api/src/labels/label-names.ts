import type { InstanceId, LabelStore, MessageRecord } from "@ticktally/core";

/** Names of labels by their numbers in records. */
export type LabelNames = ReadonlyMap<number, string>;

/** The names that some messages' labels have; read only where a message has any. */
export async function labelNamesOf(
  labels: Pick<LabelStore, "labelNumbers">,
  instance: InstanceId,
  records: readonly MessageRecord[],
): Promise<LabelNames> {
  if (records.every((record) => record.labels.length === 0)) return new Map();
  return new Map([...(await labels.labelNumbers(instance))].map(([name, number]) => [number, name]));
}
