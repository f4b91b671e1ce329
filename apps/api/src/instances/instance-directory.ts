import type { InstanceOverview, OverviewReader, RegisteredInstance, Upstream, UpstreamStore } from "@ticktally/core";
import type { Instance } from "@ticktally/schemas";
import { iso } from "../metrics/metrics-view.ts";

/** Shows instances as the API tells of them. */
export class InstanceDirectory {
  readonly #overviews: OverviewReader;
  readonly #upstreams: UpstreamStore;

  constructor(overviews: OverviewReader, upstreams: UpstreamStore) {
    this.#overviews = overviews;
    this.#upstreams = upstreams;
  }

  /** By name. */
  async views(instances: readonly RegisteredInstance[]): Promise<readonly Instance[]> {
    const ids = instances.map(({ id }) => id);
    const upstreams = await this.#upstreams.upstreams(ids);
    const overviews = await this.#overviews.overviews(ids);
    return instances
      .map((instance, i) => viewOf(instance, overviews[i], upstreams.get(instance.id)))
      .toSorted((a, b) => (a.name < b.name ? -1 : a.name > b.name ? 1 : 0));
  }

  async view(instance: RegisteredInstance): Promise<Instance> {
    const [overview] = await this.#overviews.overviews([instance.id]);
    return viewOf(instance, overview, await this.#upstreams.upstream(instance.id));
  }
}

function viewOf(
  { id, name }: RegisteredInstance,
  overview: InstanceOverview | undefined,
  upstream: Upstream | undefined,
): Instance {
  const { state, lastWebhookAt, settings }: InstanceOverview = overview ?? { settings: { ignoreGroupMessages: false } };
  return {
    name,
    idInstance: id,
    state: state?.state ?? null,
    lastWebhookAt: lastWebhookAt === undefined ? null : iso(lastWebhookAt),
    settings: {
      ignoreGroupMessages: settings.ignoreGroupMessages,
      failureRatioMax: settings.failureRatioMax ?? null,
      upstream: upstreamViewOf(upstream),
    },
  };
}

/** Without its token. */
function upstreamViewOf(upstream: Upstream | undefined): Instance["settings"]["upstream"] {
  if (upstream === undefined) return null;
  const { apiUrl, pull, reconcileEveryMinutes } = upstream;
  return { apiUrl, pull, reconcileEveryMinutes };
}
