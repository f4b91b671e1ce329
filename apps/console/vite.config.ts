import { defineConfig } from "vite";

export default defineConfig({
  oxc: { jsx: { runtime: "automatic", importSource: "preact" } },
  build: {
    target: "es2022",
    // Everything comes from here, and the policy of the page forbids inline code.
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
  },
});
