import type { StandaloneFault } from "./catalogue.ts";
import { pause } from "./pause.ts";
import type { NetworkState } from "./tcp-proxy.ts";

const DELAY_MS = 150;

function broken(name: string, state: NetworkState, ms: number): StandaloneFault {
  return {
    name,
    strike:
      ({ network }) =>
      async () => {
        network.set(state);
        await pause(ms);
        network.set("open");
        return {};
      },
  };
}

/** The network between our processes and Redis. */
export const NETWORK_FAULTS: readonly StandaloneFault[] = [
  broken("network-cut-10s", "cut", 10_000),
  broken("network-silent-10s", "silent", 10_000),
  broken("network-silent-40s", "silent", 40_000),
  broken("network-answers-lost-10s", "mute", 10_000),
  {
    // Nobody is told: each side has to find out by itself that the other is gone.
    name: "network-half-open",
    strike:
      ({ network }) =>
      async () => {
        network.forget();
        return Promise.resolve({});
      },
  },
  {
    name: "network-slow-15s",
    strike:
      ({ network }) =>
      async () => {
        network.delayMs = DELAY_MS;
        await pause(15_000);
        network.delayMs = 0;
        return {};
      },
  },
];
