import type { InstanceId } from "./instance-id.ts";

/** Where an instance lives at its gateway, so that we can ask there. */
export interface Upstream {
  /** Such as `https://7103.api.greenapi.com`, without a slash at the end. */
  readonly apiUrl: string;
  readonly apiTokenInstance: string;
  /** Read notifications from there instead of waiting for webhooks. */
  readonly pull: boolean;
  /** Minutes between two looks into the gateway's journals; 0 for never. */
  readonly reconcileEveryMinutes: number;
}

export interface UpstreamStore {
  /** @param instances if not all: those of them that have one */
  upstreams(instances?: readonly InstanceId[]): Promise<ReadonlyMap<InstanceId, Upstream>>;
  upstream(instance: InstanceId): Promise<Upstream | undefined>;
  /** @param upstream `undefined` to forget it */
  setUpstream(instance: InstanceId, upstream: Upstream | undefined): Promise<void>;
}
