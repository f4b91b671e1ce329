import { BaseSequencer, type TestSpecification } from "vitest/node";

/** Begun last they would run alone in the end. Longest first. */
const LONG = [
  ...["newcomer", "reconcile", "pull", "events", "faults/faults", "access", "alerting", "openapi-walk"],
  ...["crash", "tracing", "hostile-connections"],
];

/**
 * The order of a clean clone, which has no durations of an earlier run; vitest would go by the size of files. Unit tests come last, one
 * after the other: only then does a worker go on with the sources that it has loaded.
 */
export class LongestFirst extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    return (await super.sort(files)).toSorted((a, b) => rankOf(a) - rankOf(b));
  }
}

function rankOf({ moduleId, project }: TestSpecification): number {
  if (project.name === "unit") return LONG.length + 1;
  const rank = LONG.findIndex((name) => moduleId.endsWith(`/tests/${name}.e2e.test.ts`));
  return rank === -1 ? LONG.length : rank;
}
