import type { StandaloneFault } from "./catalogue.ts";
import { pause } from "./pause.ts";
import type { NetworkState } from "./tcp-proxy.ts";

const DELAY_MS = 150;

function broken(name: string, state: NetworkState, ms: number): StandaloneFault {
  return {
    name,
    inject:
      ({ network }) =>
      async () => {
        network.set(state);
        await pause(ms);
        network.set("open");
        return {};
      },
  };
}

/** Faults of the network between our processes and Redis. */
export const NETWORK_FAULTS: readonly StandaloneFault[] = [
  broken("network-cut-10s", "cut", 10_000),
  broken("network-silent-10s", "silent", 10_000),
  broken("network-silent-40s", "silent", 40_000),
  broken("network-answers-lost-10s", "mute", 10_000),
  {
    // Neither side is notified: each has to detect the broken connection itself.
    name: "network-half-open",
    inject:
      ({ network }) =>
      async () => {
        network.forget();
        return Promise.resolve({});
      },
  },
  {
    name: "network-slow-15s",
    inject:
      ({ network }) =>
      async () => {
        network.delayMs = DELAY_MS;
        await pause(15_000);
        network.delayMs = 0;
        return {};
      },
  },
];
