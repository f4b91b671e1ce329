import {
  stateChanges,
  type InstanceOverview,
  type OverviewReader,
  type RegisteredInstance,
  type StateHistoryReader,
  type Upstream,
  type UpstreamStore,
} from "@ticktally/core";
import type { Instance, InstanceDetails } from "@ticktally/schemas";
import { iso } from "../metrics/metrics-view.ts";

/** Reads instances in the form that the API returns. */
export class InstanceDirectory {
  readonly #overviews: OverviewReader;
  readonly #upstreams: UpstreamStore;
  readonly #histories: StateHistoryReader;

  constructor(overviews: OverviewReader, upstreams: UpstreamStore, histories: StateHistoryReader) {
    this.#overviews = overviews;
    this.#upstreams = upstreams;
    this.#histories = histories;
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

  /** Including the history of its state, which is left out of lists. */
  async view(instance: RegisteredInstance): Promise<InstanceDetails> {
    const [[overview], upstream, reports] = await Promise.all([
      this.#overviews.overviews([instance.id]),
      this.#upstreams.upstream(instance.id),
      this.#histories.stateReports(instance.id),
    ]);
    const changes = stateChanges(reports).map(({ at, from, to }) => ({ at: iso(at), from, to }));
    return { ...viewOf(instance, overview, upstream), stateChanges: changes };
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
