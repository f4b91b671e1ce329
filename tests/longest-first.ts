import { BaseSequencer, type TestSpecification } from "vitest/node";

/** Long test files, longest first: if they started last, they would run alone at the end. */
const LONG = [
  ...["newcomer.e2e", "events.e2e", "pull.e2e", "memory.e2e", "faults/faults.e2e", "reconcile.e2e", "alerting.e2e"],
  ...["demo.e2e", "backup.e2e", "hostile-bodies.e2e", "openapi-walk.e2e", "crash.e2e", "access.e2e", "console.e2e"],
  ...["forwarding.e2e", "upgrade.e2e", "api-answers.e2e", "queue-shards.e2e", "check.e2e", "tracing.e2e"],
  ...["alerts-sent.e2e", "simulator.e2e", "hostile-connections.e2e", "replay.e2e"],
];

/** Tests that ask no Redis and start no program. */
const UNIT = /^(?!.*\/(?:tests|scripts)\/)(?!.*\.redis\.test\.ts$)/;

/**
 * The order of test files in a new clone, which has no durations of an earlier run; vitest would sort by file size. Unit tests are last: they
 * are short, and the sources that they need are loaded by then.
 */
export class LongestFirst extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    return (await super.sort(files)).toSorted((a, b) => rankOf(a) - rankOf(b));
  }
}

function rankOf({ moduleId }: TestSpecification): number {
  if (UNIT.test(moduleId)) return LONG.length + 1;
  const rank = LONG.findIndex((name) => moduleId.endsWith(`/tests/${name}.test.ts`));
  return rank === -1 ? LONG.length : rank;
}
