import { gzipSync } from "node:zlib";
import { defineConfig, type Plugin } from "vite";

/** The page should show something within a second on a slow connection. */
const GZIPPED_BYTES_MAX = 150_000;

export default defineConfig({
  plugins: [smallEnough()],
  oxc: { jsx: { runtime: "automatic", importSource: "preact" } },
  build: {
    target: "es2022",
    // Everything is served from this origin, and the page's policy forbids inline code.
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
  },
});

/** The build fails when the console has grown too large. */
function smallEnough(): Plugin {
  return {
    name: "small-enough",
    writeBundle(_, bundle) {
      const contents = Object.values(bundle).map((file) => (file.type === "chunk" ? file.code : file.source));
      const total = contents.reduce((sum, content) => sum + gzipSync(content).length, 0);
      if (total > GZIPPED_BYTES_MAX)
        throw new Error(`the console is ${String(total)} bytes gzipped, more than ${String(GZIPPED_BYTES_MAX)}`);
    },
  };
}
