import { defineConfig } from "vitest/config";

/** `npm run test:faults` and `npm run test:soak`: too long for every `npm test`, which runs the short part. */
export default defineConfig({
  root: new URL("../..", import.meta.url).pathname,
  resolve: { conditions: ["source"] },
  ssr: { resolve: { conditions: ["source", "node", "default"] } },
  test: { include: ["tests/faults/*.faults.ts"], hookTimeout: 120_000, fileParallelism: false, reporters: ["verbose"] },
});
