import { BaseSequencer, type TestSpecification } from "vitest/node";

/** They mostly wait, so what runs beside them is not slowed down; begun last they would run alone in the end. Longest first. */
const LONG = ["pull", "reconcile", "faults/faults", "alerting", "crash", "newcomer", "tracing", "hostile-connections"];

/** The order of a clean clone, which has no durations of an earlier run; vitest would go by the size of files. */
export class LongestFirst extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    return (await super.sort(files)).toSorted((a, b) => rankOf(a) - rankOf(b));
  }
}

function rankOf({ moduleId }: TestSpecification): number {
  const rank = LONG.findIndex((name) => moduleId.endsWith(`/tests/${name}.e2e.test.ts`));
  return rank === -1 ? LONG.length : rank;
}
