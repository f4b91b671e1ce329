import js from "@eslint/js";
import * as regexp from "eslint-plugin-regexp";
import { defineConfig } from "eslint/config";
import tseslint from "typescript-eslint";

/**
 * Who may import whom. The manifests say it already (what a package does not list it cannot import); this also keeps
 * libraries in the one package that is meant to know them, and files from reaching into a neighbour's folder.
 */
const LAYERS = {
  "packages/core": ["@ticktally/*", "zod", "ioredis", "bullmq", "express", "pino", "prom-client", "node:*"],
  "packages/gateways": [
    "@ticktally/schemas",
    "@ticktally/redis",
    "@ticktally/telemetry",
    "ioredis",
    "bullmq",
    "express",
    "pino",
    "prom-client",
  ],
  "packages/schemas": [
    "@ticktally/gateways",
    "@ticktally/redis",
    "@ticktally/telemetry",
    "ioredis",
    "bullmq",
    "express",
    "pino",
    "prom-client",
  ],
  "packages/redis": ["@ticktally/gateways", "@ticktally/telemetry", "zod", "express", "pino", "prom-client"],
  "packages/outbound": [
    "@ticktally/redis",
    "@ticktally/telemetry",
    "ioredis",
    "bullmq",
    "express",
    "pino",
    "prom-client",
  ],
  "packages/simulator": ["@ticktally/telemetry", "ioredis", "bullmq", "express", "pino", "prom-client"],
  "packages/telemetry": ["@ticktally/*", "zod", "ioredis", "bullmq", "express"],
  "apps/*": [
    "@ticktally/ingest",
    "@ticktally/worker",
    "@ticktally/api",
    "@ticktally/forwarder",
    "@ticktally/cli",
    "ioredis",
    "bullmq",
    "pino",
    "prom-client",
  ],
};

/** @type {import("eslint").Linter.Config[]} */
const layers = Object.entries(LAYERS).map(([folder, forbidden]) => ({
  files: [`${folder}/src/**/*.ts`],
  ignores: ["**/*.test.ts", "**/testing/**", "**/testing.ts"],
  rules: {
    "no-restricted-imports": [
      "error",
      { patterns: [...forbidden, "../../../*", "../../../../*"].map((group) => ({ group: [group] })) },
    ],
  },
}));

export default defineConfig(
  { ignores: ["**/dist/**", "**/.turbo/**", ".ticktally/**", "packages/client/src/openapi.ts"] },
  js.configs.recommended,
  tseslint.configs.strictTypeChecked,
  tseslint.configs.stylisticTypeChecked,
  regexp.configs.recommended,
  {
    languageOptions: { parserOptions: { project: "./tsconfig.json", tsconfigRootDir: import.meta.dirname } },
    rules: {
      "max-lines": ["error", { max: 300 }],
      "@typescript-eslint/switch-exhaustiveness-check": ["error", { considerDefaultExhaustiveForUnions: true }],
      "@typescript-eslint/promise-function-async": "error",
      "@typescript-eslint/consistent-type-imports": "error",
      "@typescript-eslint/no-unused-vars": ["error", { argsIgnorePattern: "^_" }],
      "@typescript-eslint/restrict-template-expressions": ["error", { allowNumber: true }],
      // JSON and environments are read by key; the compiler already asks for the brackets.
      "@typescript-eslint/dot-notation": "off",
      "@typescript-eslint/no-confusing-void-expression": ["error", { ignoreArrowShorthand: true }],
      "no-console": "error",
      // A text from outside must not be able to choose how long it is matched.
      "regexp/no-super-linear-backtracking": ["error", { report: "potential" }],
      "regexp/no-super-linear-move": ["error", { report: "potential" }],
    },
  },
  ...layers,
  {
    files: ["**/*.test.ts", "tests/**", "**/testing/**"],
    rules: { "@typescript-eslint/no-unnecessary-condition": "off" },
  },
  {
    // The compiler knows Node's globals; ESLint would have to be told.
    files: ["scripts/**", "bench/**", "deploy/**", "*.js", "*.ts"],
    rules: { "no-console": "off", "no-undef": "off" },
  },
);
