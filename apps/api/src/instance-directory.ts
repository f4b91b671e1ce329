import type { InstanceOverview, OverviewReader, RegisteredInstance } from "@ticktally/core";
import type { Instance } from "@ticktally/schemas";
import { iso } from "./metrics-view.ts";

/** Shows instances as the API tells of them. */
export class InstanceDirectory {
  readonly #overviews: OverviewReader;

  constructor(overviews: OverviewReader) {
    this.#overviews = overviews;
  }

  /** By name. */
  async views(instances: readonly RegisteredInstance[]): Promise<readonly Instance[]> {
    const overviews = await this.#overviews.overviews(instances.map(({ id }) => id));
    return instances
      .map((instance, i) => viewOf(instance, overviews[i]))
      .toSorted((a, b) => (a.name < b.name ? -1 : a.name > b.name ? 1 : 0));
  }

  async view(instance: RegisteredInstance): Promise<Instance> {
    const [overview] = await this.#overviews.overviews([instance.id]);
    return viewOf(instance, overview);
  }
}

function viewOf({ id, name }: RegisteredInstance, overview: InstanceOverview | undefined): Instance {
  const { state, lastWebhookAt, settings } = overview ?? { settings: { ignoreGroupMessages: false } };
  return {
    name,
    idInstance: id,
    state: state?.state ?? null,
    lastWebhookAt: lastWebhookAt === undefined ? null : iso(lastWebhookAt),
    settings: { ignoreGroupMessages: settings.ignoreGroupMessages },
  };
}
