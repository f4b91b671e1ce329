import { defineConfig } from "vitest/config";

/** `npm run test:faults` and `npm run test:soak`. They take too long for `npm test`, which runs faults.e2e.test.ts. */
export default defineConfig({
  root: new URL("../..", import.meta.url).pathname,
  resolve: { conditions: ["source"] },
  ssr: { resolve: { conditions: ["source", "node", "default"] } },
  test: { include: ["tests/faults/*.faults.ts"], hookTimeout: 120_000, fileParallelism: false, reporters: ["verbose"] },
});
