/** The most labels a message may have, and an instance. */
export const LABELS_A_MESSAGE_MAX = 8;
export const LABELS_MAX = 1_000;
/** The most ids one call may label. */
export const LABELLED_AT_ONCE_MAX = 1_000;
/** The most ids of an instance that may be labelled and not seen yet. */
export const WAITING_IDS_MAX = 100_000;
/**
 * An instance's labels are numbered from 1. Each number is used once: a label that was deleted and set again gets a new one, so no old
 * counts belong to it. Part of {@link labelTime}.
 */
export const LABEL_NUMBER_MAX = 2 ** 20 - 1;

export const NO_LABELS: readonly number[] = [];

/** A message's labels are a set: numbers in ascending order, each once. Beyond the limit the newest are left out. */
export function withLabels(labels: readonly number[], more: readonly number[]): readonly number[] {
  if (more.every((label) => labels.includes(label))) return labels;
  return [...new Set([...labels, ...more])].sort((a, b) => a - b).slice(0, LABELS_A_MESSAGE_MAX);
}

export function withoutLabel(labels: readonly number[], label: number): readonly number[] {
  return labels.includes(label) ? labels.filter((one) => one !== label) : labels;
}
