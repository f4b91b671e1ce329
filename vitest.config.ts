import { defineConfig } from "vitest/config";
import { LongestFirst } from "./tests/longest-first.ts";

/** Tests that ask a Redis, or start programs. */
const REAL = ["{packages,apps}/*/src/**/*.redis.test.ts", "{scripts,tests}/**/*.test.ts"];

export default defineConfig({
  // Packages are tested from their sources; only the end-to-end tests run what was built.
  resolve: { conditions: ["source"] },
  ssr: { resolve: { conditions: ["source", "node", "default"] } },
  test: {
    // More than half of the time tests wait for others: four files at a time keep two cores busy.
    maxWorkers: 4,
    sequence: { sequencer: LongestFirst },
    testTimeout: 60_000,
    hookTimeout: 60_000,
    // Loading the sources again for each file would take longer than most of them.
    isolate: false,
    projects: [
      {
        extends: true,
        test: {
          name: "unit",
          include: ["{packages,apps}/*/src/**/*.test.ts", "bench/src/**/*.test.ts"],
          exclude: REAL,
        },
      },
      {
        extends: true,
        test: {
          name: "real",
          include: REAL,
          globalSetup: ["tests/redis-server.ts"],
          // Tests that are said to run side by side wait for gateways, by the second.
          maxConcurrency: 20,
        },
      },
    ],
  },
});
