import type { InstanceId } from "@ticktally/core";

/**
 * A position in the total order of all outboxes: by the id that Redis gave an entry, then by instance, then by index in the entry. Later
 * additions come later, so one position describes everything that was read.
 */
export interface OutboxPosition {
  /** Unix ms, by Redis's clock, and a number within it. */
  readonly ms: number;
  readonly sequence: number;
  readonly instance: InstanceId;
  readonly index: number;
}

/** Before everything that is added from this moment on. @param ms Unix ms */
export function positionAt(ms: number): OutboxPosition {
  return { ms, sequence: 0, instance: "", index: 0 };
}

/** @returns below 0 if `a` comes first */
export function comparePositions(a: OutboxPosition, b: OutboxPosition): number {
  if (a.ms !== b.ms) return a.ms - b.ms;
  if (a.sequence !== b.sequence) return a.sequence - b.sequence;
  if (a.instance !== b.instance) return a.instance < b.instance ? -1 : 1;
  return a.index - b.index;
}

/** A text without spaces that {@link positionOf} reads. */
export function positionText({ ms, sequence, instance, index }: OutboxPosition): string {
  return `${String(ms)}-${String(sequence)}-${String(index)}-${instance}`;
}

const POSITION = /^(\d{1,15})-(\d{1,15})-(\d{1,6})-([\w:.+~-]{0,160})$/;

/** @returns `undefined` if the text is not a position */
export function positionOf(text: string): OutboxPosition | undefined {
  const [, ms, sequence, index, instance = ""] = POSITION.exec(text) ?? [];
  return ms === undefined ? undefined : { ms: Number(ms), sequence: Number(sequence), instance, index: Number(index) };
}
