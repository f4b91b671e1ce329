import type { InstanceId, Upstream, UpstreamStore } from "@ticktally/core";
import { gatewayOf } from "@ticktally/gateways";
import { PullLoop, type PullDeps } from "./pull-loop.ts";

interface Pulled {
  readonly loop: PullLoop;
  readonly settings: string;
}

/** Runs one loop for each instance whose settings say to pull. */
export class Puller {
  readonly #deps: PullDeps & { readonly upstreams: Pick<UpstreamStore, "upstreams"> };
  readonly #pulled = new Map<InstanceId, Pulled>();
  #isStopped = false;

  constructor(deps: PullDeps & { readonly upstreams: Pick<UpstreamStore, "upstreams"> }) {
    this.#deps = deps;
  }

  /** Read the settings, and start and stop loops accordingly. @throws {StoreUnavailableError} nothing is changed */
  async look(): Promise<void> {
    const upstreams = await this.#deps.upstreams.upstreams();
    if (this.#isStopped) return;
    for (const [instance, { loop, settings }] of this.#pulled) {
      const upstream = upstreams.get(instance);
      if (upstream?.pull === true && settingsOf(upstream) === settings) continue;
      loop.stop();
      // The next loop starts in a later round, so there are never two.
      void loop.ended.then(() => this.#pulled.delete(instance));
    }
    for (const [instance, upstream] of upstreams) {
      const gateway = gatewayOf(instance);
      const api = gateway?.upstream;
      if (!upstream.pull || this.#pulled.has(instance) || gateway === undefined || api === undefined) continue;
      this.#pulled.set(instance, {
        loop: new PullLoop(this.#deps, instance, upstream, gateway, api),
        settings: settingsOf(upstream),
      });
    }
  }

  async stop(): Promise<void> {
    this.#isStopped = true;
    const loops = [...this.#pulled.values()].map(({ loop }) => loop);
    for (const loop of loops) loop.stop();
    await Promise.all(loops.map(async (loop) => loop.ended));
  }
}

function settingsOf({ apiUrl, apiTokenInstance }: Upstream): string {
  return `${apiUrl} ${apiTokenInstance}`;
}
