import { defineConfig } from "vitest/config";
import { LongestFirst } from "./tests/longest-first.ts";

export default defineConfig({
  // Packages are tested from their sources; only the end-to-end tests run what was built.
  resolve: { conditions: ["source"] },
  ssr: { resolve: { conditions: ["source", "node", "default"] } },
  test: {
    include: ["{packages,apps,bench}/**/src/**/*.test.ts", "{scripts,tests}/**/*.test.ts"],
    globalSetup: ["tests/redis-server.ts"],
    // More than half of the time tests wait for others: four files at a time keep two cores busy.
    maxWorkers: 4,
    // Tests that are said to run side by side wait for gateways, by the second.
    maxConcurrency: 20,
    sequence: { sequencer: LongestFirst },
    testTimeout: 60_000,
    hookTimeout: 60_000,
    // Loading the sources again for each file would take longer than most of them.
    isolate: false,
  },
});
