import { defineConfig } from "rolldown";

/**
 * Compiles a package or an app, called in its folder with its entry points: each source file becomes a file. Everything that is imported by
 * name, libraries and other packages, stays outside.
 */
export default defineConfig({
  platform: "node",
  external: /^[^./]/,
  output: { dir: "dist", cleanDir: true, sourcemap: true, preserveModules: true, preserveModulesRoot: "src" },
});
