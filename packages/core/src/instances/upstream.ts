import type { InstanceId } from "./instance-id.ts";

/** Where to reach an instance at its gateway. */
export interface Upstream {
  /** For example `https://7103.api.greenapi.com`, without a trailing slash. */
  readonly apiUrl: string;
  readonly apiTokenInstance: string;
  /** Pull notifications from there instead of waiting for webhooks. */
  readonly pull: boolean;
  /** Minutes between two reads of the gateway's journals; 0 for never. */
  readonly reconcileEveryMinutes: number;
}

export interface UpstreamStore {
  /** @param instances limits the answer to these; without it, all that have an upstream */
  upstreams(instances?: readonly InstanceId[]): Promise<ReadonlyMap<InstanceId, Upstream>>;
  upstream(instance: InstanceId): Promise<Upstream | undefined>;
  /** @param upstream `undefined` to forget it */
  setUpstream(instance: InstanceId, upstream: Upstream | undefined): Promise<void>;
}
