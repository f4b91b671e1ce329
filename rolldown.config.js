import { defineConfig } from "rolldown";

/**
 * Builds a package or an app, called in its folder with its entry points: each becomes one file with the folder's own code. Everything that is
 * imported by name, libraries and other packages, stays outside.
 */
export default defineConfig({
  platform: "node",
  external: /^[^./]/,
  output: { dir: "dist", cleanDir: true, sourcemap: true, keepNames: true },
});
