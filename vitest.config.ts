import { defineConfig } from "vitest/config";
import { LongestFirst } from "./tests/longest-first.ts";

export default defineConfig({
  // Packages are tested from their sources; only the end-to-end tests run what was built.
  resolve: { conditions: ["source"] },
  ssr: { resolve: { conditions: ["source", "node", "default"] } },
  test: {
    include: ["{packages,apps}/*/src/**/*.test.ts", "{scripts,tests,bench}/**/*.test.ts"],
    globalSetup: ["tests/redis-server.ts"],
    // Most of the time tests wait for others, so three files at a time take little more than two, also on two cores.
    maxWorkers: 3,
    sequence: { sequencer: LongestFirst },
    testTimeout: 60_000,
    hookTimeout: 60_000,
  },
});
