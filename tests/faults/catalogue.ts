import { CLOCK_SCENARIOS } from "./clock-scenarios.ts";
import { COMMIT_FAULTS } from "./commit-faults.ts";
import { DISK_SCENARIOS } from "./disk-scenarios.ts";
import { EQUALITY_SCENARIOS } from "./equal-answers-scenario.ts";
import { FAILOVER_SCENARIOS } from "./failover-scenarios.ts";
import { FORWARDED_DAY_SCENARIO } from "./forwarded-day-scenario.ts";
import { FORWARDING_SCENARIOS } from "./forwarding-scenarios.ts";
import type { LoadOptions } from "./load.ts";
import { NETWORK_FAULTS } from "./network-faults.ts";
import { PROCESS_FAULTS } from "./process-faults.ts";
import { QUEUE_FAULTS } from "./queue-faults.ts";
import { REDIS_FAULTS } from "./redis-faults.ts";
import type { Standalone } from "./rig.ts";
import { DATA_REMOVAL_FAULTS } from "./data-removal-faults.ts";
import type { Result, Injection } from "./trial.ts";

/** A fault that is injected into the standalone setup while webhooks arrive. */
export interface StandaloneFault {
  readonly name: string;
  /** It takes minutes, so it runs only with `--long`. */
  readonly isLong?: boolean;
  readonly load?: Partial<Omit<LoadOptions, "port" | "seed">>;
  readonly inject: (setup: Standalone) => Injection;
}

export const STANDALONE_FAULTS: readonly StandaloneFault[] = [
  ...PROCESS_FAULTS,
  ...REDIS_FAULTS,
  ...NETWORK_FAULTS,
  ...QUEUE_FAULTS,
];

/** Faults for the standalone setup with three workers. */
export const THREE_WORKERS_FAULTS: readonly StandaloneFault[] = [...COMMIT_FAULTS, ...DATA_REMOVAL_FAULTS];

/** Faults that keep our processes running: a restart would hide a memory leak. */
export const SOAK_FAULTS: readonly StandaloneFault[] = [
  ...PROCESS_FAULTS.filter(({ name }) => name.includes("frozen")),
  ...REDIS_FAULTS.filter(({ name }) => !name.includes("all")),
  ...NETWORK_FAULTS,
];

/** A fault that needs its own setup. */
export interface Scenario {
  readonly name: string;
  readonly isLong?: boolean;
  /** @returns what is missing on this machine, if anything */
  readonly lacks?: () => string | undefined;
  readonly run: (seed: number) => Promise<Result>;
}

export const SCENARIOS: readonly Scenario[] = [
  ...DISK_SCENARIOS,
  ...FAILOVER_SCENARIOS,
  ...CLOCK_SCENARIOS,
  ...EQUALITY_SCENARIOS,
  ...FORWARDING_SCENARIOS,
  FORWARDED_DAY_SCENARIO,
];
