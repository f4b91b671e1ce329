import type { LoadOptions } from "./load.ts";
import { NETWORK_FAULTS } from "./network-faults.ts";
import { PROCESS_FAULTS } from "./process-faults.ts";
import { REDIS_FAULTS } from "./redis-faults.ts";
import type { Standalone } from "./rig.ts";
import type { Strike } from "./trial.ts";

/** Something that goes wrong while webhooks come in, on the usual stage. */
export interface StandaloneFault {
  readonly name: string;
  /** Takes minutes: only with `--long`. */
  readonly isLong?: boolean;
  readonly load?: Partial<Omit<LoadOptions, "port" | "seed">>;
  readonly strike: (stage: Standalone) => Strike;
}

export const STANDALONE_FAULTS: readonly StandaloneFault[] = [...PROCESS_FAULTS, ...REDIS_FAULTS, ...NETWORK_FAULTS];
