import { defineConfig } from "vitest/config";

export default defineConfig({
  // Packages are tested from their sources; only the end-to-end tests run what was built.
  resolve: { conditions: ["source"] },
  ssr: { resolve: { conditions: ["source", "node", "default"] } },
  test: {
    include: ["{packages,apps}/*/src/**/*.test.ts", "{scripts,tests,bench}/**/*.test.ts"],
    globalSetup: ["tests/redis-server.ts"],
    // Most of the time tests wait for others, so two files at a time take little more than one, also on two cores.
    maxWorkers: 2,
    testTimeout: 60_000,
    hookTimeout: 60_000,
  },
});
