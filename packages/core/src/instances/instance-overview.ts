import type { InstanceId } from "./instance-id.ts";
import type { InstanceSettings } from "./instance-settings.ts";
import type { InstanceState } from "./state-history.ts";

/** What a list of instances says about each. */
export interface InstanceOverview {
  readonly state?: InstanceState;
  /** Unix seconds */
  readonly lastWebhookAt?: number;
  readonly settings: InstanceSettings;
}

export interface OverviewReader {
  /** One small read each, so thousands can be listed. @returns in order; empty for one that is not known */
  overviews(instances: readonly InstanceId[]): Promise<readonly InstanceOverview[]>;
}
