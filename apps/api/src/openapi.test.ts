import { MESSAGE_STATUSES } from "@ticktally/core";
import { EXAMPLES, OPERATIONS, openApiDocument } from "@ticktally/schemas";
import { Validator } from "@seriousme/openapi-schema-validator";
import { pathToRegexp } from "path-to-regexp";
import { describe, expect, it } from "vitest";
import { apiRouters } from "./api-app.ts";

/** The routes registered in Express. They are created, but never called. */
const routes = apiRouters({} as never).flatMap(({ stack }) =>
  stack.flatMap(({ route }) => {
    if (route === undefined) return [];
    const paths = [route.path].flat();
    return route.stack.flatMap(({ method }) =>
      paths.map((path) => ({ method, path, regexp: pathToRegexp(path).regexp })),
    );
  }),
);
/** Routes of the page, which clients do not call. */
const FILES = ["/docs/docs.css", "/docs/docs.js", "/docs/fields.js"];
const exampleOf = (path: string) => path.replace(/\{\w+\}/g, "x");

describe("the OpenAPI document", () => {
  it("is valid OpenAPI 3.1", async () => {
    const result = await new Validator().validate(structuredClone(openApiDocument()));
    expect(result.errors ?? []).toEqual([]);
    expect(result.valid).toBe(true);
  });

  it.each(OPERATIONS.map((operation) => [operation.method, operation.path] as const))(
    "documents only existing calls: %s %s",
    (method, path) => {
      expect(routes.filter((route) => route.method === method && route.regexp.test(exampleOf(path)))).not.toEqual([]);
    },
  );

  it.each(
    routes.filter(({ path }) => !FILES.includes(path)).map((route) => [route.method, route.path, route] as const),
  )("documents every call: %s %s", (_method, _path, route) => {
    const documented = OPERATIONS.filter(
      ({ method, path }) => method === route.method && route.regexp.test(exampleOf(path)),
    );
    expect(documented).not.toEqual([]);
  });

  it("is small enough for a page, and names the schemas for generated clients", () => {
    const document = openApiDocument();
    expect(Buffer.byteLength(JSON.stringify(document))).toBeLessThan(80_000);
    const { schemas } = document["components"] as { schemas: Record<string, { properties?: object }> };
    expect(Object.keys(schemas["CountsByStatus"]?.properties ?? {})).toEqual([...MESSAGE_STATUSES]);
    expect(JSON.stringify(document)).not.toContain("$defs");
    for (const name of ["Metrics", "Series", "GroupedSeries", "Failures", "Latency", "Message", "Instance"])
      expect(schemas).toHaveProperty(name);
  });

  it("documents the other paths of a call in the call", () => {
    const others = OPERATIONS.filter(
      ({ isLeftOut, tag }) => isLeftOut === true && !["This document", "Tokens"].includes(tag),
    );
    expect(others).not.toEqual([]);
    const documented = JSON.stringify(openApiDocument());
    for (const { path } of others) expect(documented.toLowerCase()).toContain(`also at \`${path.toLowerCase()}\``);
  });

  it("has examples that match its schemas", () => {
    for (const [schema, example] of EXAMPLES) expect(schema.parse(example)).toEqual(example);
    expect(EXAMPLES.size).toBeGreaterThan(2);
  });

  it("gives every call a unique name and a summary", () => {
    const calls = Object.values(openApiDocument()["paths"] as Record<string, Record<string, { operationId: string }>>);
    const names = calls.flatMap((methods) => Object.values(methods).map(({ operationId }) => operationId));
    expect(new Set(names).size).toBe(OPERATIONS.filter(({ isLeftOut }) => isLeftOut !== true).length + 1);
  });
});
