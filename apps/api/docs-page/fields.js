/// <reference lib="dom" />
/// <reference lib="dom.iterable" />
/* global document */
// What the page's forms are made of.

/**
 * @typedef {{ name: string, in: "path" | "query", required: boolean, description?: string, schema: { default?: string | number | boolean, enum?: string[] }, example?: string }} Parameter
 * @typedef {{ type?: string, default?: unknown, const?: unknown, enum?: string[], properties?: Record<string, Schema>, required?: string[], items?: Schema, anyOf?: Schema[] }} Schema
 */

/**
 * @template {keyof HTMLElementTagNameMap} Tag
 * @param {Tag} tag
 * @param {Record<string, string>} attributes
 * @param {(Node | string)[]} children
 * @returns {HTMLElementTagNameMap[Tag]}
 */
export function element(tag, attributes = {}, ...children) {
  const made = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) made.setAttribute(name, value);
  made.append(...children);
  return made;
}

/** @returns its parts between backticks as code @param {string} text */
export function prose(text) {
  return text.split("`").map((part, i) => (i % 2 === 0 ? part : element("code", {}, part)));
}

/** @type {Readonly<Record<string, string>>} */
const EXAMPLES = {
  instances: "all",
  instance: "sales",
  name: "sales",
  instanceName: "sales,support",
  idMessage: "BAE5367237E13A87",
  chatId: "79001234567@c.us",
  label: "spring-sale",
  from: "2026-10-01",
  to: "2026-11-01",
  groupBy: "instance,label",
  status: "failed,noAccount",
  olderThan: "10m",
  limit: "100",
  idInstance: "7103000001",
  target: "crm",
};

/** What a body may look like: what is required of it, or all where nothing is. @param {Schema | undefined} schema @returns {unknown} */
export function exampleOf(schema) {
  const { type, properties, required, items, anyOf } = schema ?? {};
  if (schema?.default !== undefined) return schema.default;
  if (schema?.enum !== undefined) return schema.enum[0];
  if (schema?.const !== undefined) return schema.const;
  if (anyOf !== undefined) return exampleOf(anyOf[0]);
  if (properties !== undefined)
    return Object.fromEntries(
      Object.entries(properties)
        .filter(([name]) => required?.includes(name) === true)
        .map(([name, part]) => [name, part.type === "string" ? (EXAMPLES[name] ?? exampleOf(part)) : exampleOf(part)]),
    );
  if (type === "array") return items === undefined ? [] : [exampleOf(items)];
  return type === "boolean" ? false : type === "integer" ? 0 : "…";
}

/** @param {Parameter} parameter @param {string} id */
export function fieldOf({ name, required, description, schema, example }, id) {
  const unset = schema.default === undefined ? "" : String(schema.default);
  const shown = unset === "" ? `for example ${EXAMPLES[name] ?? "…"}` : unset;
  const input =
    schema.enum === undefined
      ? element("input", { id, name, placeholder: shown, spellcheck: "false" })
      : element(
          "select",
          { id, name },
          element("option", { value: "" }, unset === "" ? "" : `${unset} (default)`),
          ...schema.enum.filter((word) => word !== unset).map((word) => element("option", { value: word }, word)),
        );
  if (required) input.required = true;
  if (example !== undefined) input.value = example;
  const label = element("label", { for: id }, required ? `${name} *` : name);
  return {
    input,
    row: element("div", { class: "field" }, label, input, element("small", {}, ...prose(description ?? ""))),
  };
}
