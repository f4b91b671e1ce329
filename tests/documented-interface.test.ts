import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import {
  apiEnvironment,
  forwarderEnvironment,
  ingestEnvironment,
  readEnvironment,
  workerEnvironment,
} from "../packages/schemas/src/environment/environment.ts";
import { OPERATIONS } from "../packages/schemas/src/index.ts";
import { readSettings } from "../scripts/start/start-settings.mjs";
import { GATEWAY_SETTINGS } from "./support/gateway-settings.ts";
import { DOCUMENTS, DOCUMENTS_ROOT, tableRows, textOf } from "./support/documents.ts";

/** Compares the documentation of settings, calls and metrics with the code. */

/** Settings that only `npm start` reads. */
const OF_START = ["REDIS_DURABILITY", "REDIS_MAXMEMORY", "INGEST_PROCESSES", "WORKER_PROCESSES"];
const OF_NO_SCHEMA = [...OF_START, ...GATEWAY_SETTINGS, "TICKTALLY_DATA_DIR", "NAME_FILE"];

describe("docs/settings.md", () => {
  const rows = tableRows(textOf("docs/settings.md"));
  const token = "t".repeat(24);
  const defaults: Readonly<Record<string, unknown>> = {
    ...readEnvironment(ingestEnvironment, { REDIS_URL: "redis://x", TICKTALLY_WEBHOOK_TOKEN: token }),
    ...readEnvironment(workerEnvironment, { REDIS_URL: "redis://x" }),
    ...readEnvironment(forwarderEnvironment, { REDIS_URL: "redis://x" }),
    ...readEnvironment(apiEnvironment, { REDIS_URL: "redis://x", TICKTALLY_ACCOUNT_TOKEN: token }),
  };
  const schemas = [ingestEnvironment, workerEnvironment, apiEnvironment, forwarderEnvironment];

  it("lists every setting once, and no unused one", () => {
    const read = new Set(schemas.flatMap(({ shape }) => Object.keys(shape)));
    read.delete("NODE_ENV");
    expect(rows.flatMap(({ names }) => names).sort()).toEqual([...read, ...OF_NO_SCHEMA].sort());
  });

  it.each(rows.flatMap(({ names, cells }) => names.map((name, index) => [name, index, cells[1] ?? ""] as const)))(
    "has the default of %s",
    (name, index, cell) => {
      const value = defaults[name];
      const written = cell.replaceAll("`", "");
      if (["number", "boolean"].includes(typeof value)) expect(written.split(", ")[index]).toBe(String(value));
      else if (typeof value === "string" && !["redis://x", token].includes(value)) expect(written).toBe(value);
      else if (!OF_START.includes(name)) expect(written).toMatch(/^(?:none\b|made at|\.ticktally$)/);
    },
  );

  it.each(OF_START)("has %s, which npm start reads", (name) => {
    expect(() => readSettings({ [name]: "no such value" })).toThrow(name);
  });
});

describe("docs/rest.md", () => {
  const text = textOf("docs/rest.md");
  const rows = tableRows(text);
  const calls = rows.flatMap(({ names, line }) => names.map((name) => ({ call: callOf(name), line })));
  const operations = OPERATIONS.map(({ method, path, query }) => ({
    call: callOf(`${method.toUpperCase()} ${path}`),
    parameters: Object.keys(query?.shape ?? {}),
  }));
  const isOfOtherTables = (call: string) => / \/(?:waInstance|api\/)/.test(call);

  it("lists every call, and none that does not exist", () => {
    const expected = operations.map(({ call }) => call).filter((call) => !isOfOtherTables(call));
    expect(calls.map(({ call }) => call).sort()).toEqual([...new Set(expected)].sort());
  });

  it.each(operations.filter(({ call, parameters }) => !isOfOtherTables(call) && parameters.length > 0))(
    "names every parameter of $call",
    ({ call, parameters }) => {
      const line = calls.find((one) => one.call === call)?.line ?? "";
      expect(parameters.filter((name) => !new RegExp(`[?&]${name}\\b`).test(line))).toEqual([]);
    },
  );

  it("names every call that answers in the format of another API", () => {
    const paths = OPERATIONS.map(({ path }) => path);
    const methods = paths.flatMap((path) => /^\/waInstance\{\w+\}\/(\w+)\//.exec(path)?.[1] ?? []);
    const others = paths.flatMap((path) => /^(\/api\/[\w/]+)/.exec(path)?.[1] ?? []);
    expect(methods.length + others.length).toBeGreaterThan(8);
    expect([...methods, ...others].filter((name) => !text.includes(name))).toEqual([]);
  });
});

describe("the metrics in the documentation", () => {
  const sources = sourcesIn("apps").concat(sourcesIn("packages"), sourcesIn("deploy/prometheus/rules")).join("\n");

  it.each(DOCUMENTS.filter((file) => textOf(file).includes("ticktally_")))("of %s are exported or recorded", (file) => {
    const named = new Set([...textOf(file).matchAll(/\bticktally_[a-z_]+[a-z]/g)].map(([name]) => name));
    const known = (name: string) => sources.includes(name.replace(/_(?:bucket|sum|count)$/, ""));
    expect([...named].filter((name) => !known(name))).toEqual([]);
  });
});

/** A call without the names of its parameters: `GET /instances/_/token`. */
function callOf(text: string): string {
  return (text.split("?")[0] ?? "").replaceAll(/:\w+|\{\w+\}/g, "_");
}

function sourcesIn(folder: string): readonly string[] {
  const files = readdirSync(join(DOCUMENTS_ROOT, folder), { recursive: true, encoding: "utf8" });
  const written = files.filter((file) => /\.(?:ts|yml)$/.test(file) && !/node_modules|dist/.test(file));
  return written.map((file) => readFileSync(join(DOCUMENTS_ROOT, folder, file), "utf8"));
}
