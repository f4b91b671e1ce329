/// <reference lib="dom" />
/// <reference lib="dom.iterable" />
/* global document, fetch, HTMLInputElement, sessionStorage, URL, URLSearchParams */
// Shows /openapi.json and lets one try it. Nothing is loaded from elsewhere, and everything is put in as text, never as HTML.

import { element, exampleOf, fieldOf, prose } from "./fields.js";

/**
 * @typedef {import("./fields.js").Parameter} Parameter
 * @typedef {import("./fields.js").Schema} Schema
 * @typedef {{ content?: Record<string, { schema?: Schema, example?: object }>, description?: string }} Content
 * @typedef {{ tags: string[], summary: string, description?: string, parameters?: Parameter[], security?: Record<string, string[]>[], requestBody?: Content, responses: Record<string, Content>, servers?: Server[] }} Call
 * @typedef {{ url: string, variables?: Record<string, { default: string }> }} Server
 * @typedef {{ info: { summary: string, version: string }, components: unknown, paths: Record<string, Record<string, Call>> }} OpenApi
 */

/** @param {string} id */
function existing(id) {
  const found = document.getElementById(id);
  if (found === null) throw new Error(`the page has no #${id}`);
  return found;
}

/** The token as it is typed now. */
function token() {
  const input = existing("token");
  return input instanceof HTMLInputElement ? input.value.trim() : "";
}

const TOKEN_KEY = "ticktally-docs-token";

/** The token outlives a reload, but not the tab. */
function keepToken() {
  const input = existing("token");
  if (!(input instanceof HTMLInputElement)) return;
  input.value = sessionStorage.getItem(TOKEN_KEY) ?? "";
  input.addEventListener("input", () => {
    sessionStorage.setItem(TOKEN_KEY, token());
  });
}

/** What descriptions say last of calls that not every token may make. */
const ACCESS = /(?:^| )Account (only|and [^.]+)\.$/;

/** Which token a call needs. @param {Call} call @param {string} path */
function accessOf({ description = "", security, servers }, path) {
  if (servers !== undefined) return "the webhook token, or the instance's";
  if (path.includes("{apiTokenInstance}")) return "in the path";
  if (security?.length === 0) return "none";
  const [, also] = ACCESS.exec(description) ?? [];
  if (also === undefined) return "the account's, a read token or the instance's own";
  return also === "only" ? "the account's" : `the account's, ${also.replace("and ", "or ").replace("tokens", "token")}`;
}

/**
 * The request that a form's fields make.
 * @param {string} method
 * @param {string} path
 * @param {Map<Parameter, HTMLInputElement | HTMLSelectElement>} fields
 * @param {HTMLTextAreaElement | undefined} body
 * @param {string | undefined} elsewhere address of another server than this page's
 */
function requestOf(method, path, fields, body, elsewhere) {
  const query = new URLSearchParams();
  let filled = path;
  for (const [parameter, { value }] of fields) {
    if (parameter.in === "path") filled = filled.replace(`{${parameter.name}}`, encodeURIComponent(value));
    else if (value !== "") query.set(parameter.name, value);
  }
  const url = new URL(filled.slice(1) + (query.size > 0 ? `?${query.toString()}` : ""), elsewhere ?? document.baseURI);
  /** @type {Record<string, string>} */
  const headers = elsewhere !== undefined ? { authorization: "Bearer …" } : token() === "" ? {} : { token: token() };
  if (body !== undefined) headers["content-type"] = "application/json";
  return { url: url.href, method: method.toUpperCase(), headers, body: body?.value };
}

/** @param {Server | undefined} server */
function addressOf(server) {
  return server?.url.replace(/\{(\w+)\}/g, (_, name) => server.variables?.[String(name)]?.default ?? "");
}

/** @param {ReturnType<typeof requestOf>} request */
function curlOf({ url, method, headers, body }) {
  const quoted = (/** @type {string} */ text) => `'${text.replaceAll("'", String.raw`'\''`)}'`;
  const shown = { ...headers, ...(headers["token"] === undefined ? {} : { token: "…" }) };
  const parts = ["curl -sS", method === "GET" ? "" : `-X ${method}`, quoted(url)];
  parts.push(...Object.entries(shown).map(([name, value]) => `-H ${quoted(`${name}: ${value}`)}`));
  if (body !== undefined) parts.push(`-d ${quoted(body)}`);
  return parts.filter((part) => part !== "").join(" ");
}

/** @param {string} text */
function pretty(text) {
  try {
    return JSON.stringify(JSON.parse(text), undefined, 2);
  } catch {
    return text;
  }
}

/** @param {ReturnType<typeof requestOf>} request @param {HTMLElement} answer */
async function send({ url, method, headers, body }, answer) {
  answer.textContent = "…";
  answer.hidden = false;
  try {
    const response = await fetch(url, { method, headers, ...(body === undefined ? {} : { body }) });
    const told = ["ratelimit", "retry-after"].flatMap((name) => {
      const value = response.headers.get(name);
      return value === null ? [] : [`${name}: ${value}`];
    });
    const text = pretty(await response.text());
    answer.className = response.ok ? "answer" : "answer refused";
    answer.textContent = [`${String(response.status)} ${response.statusText}`, ...told, "", text].join("\n");
  } catch (error) {
    answer.className = "answer refused";
    answer.textContent = `No answer: ${error instanceof Error ? error.message : "?"}`;
  }
}

/** @param {object | undefined} schema @param {string} title */
function schemaOf(schema, title) {
  const shown = element("pre", { tabindex: "0" }, JSON.stringify(schema, undefined, 2));
  return element("details", {}, element("summary", {}, title), shown);
}

/**
 * The same with what it refers to put in its place, as far as that is no reference to what it is in.
 * @param {unknown} value @param {unknown} openApi @param {string[]} within
 * @returns {unknown}
 */
function resolved(value, openApi, within = []) {
  if (Array.isArray(value)) return value.map((part) => resolved(part, openApi, within));
  if (typeof value !== "object" || value === null) return value;
  if ("$ref" in value && typeof value.$ref === "string" && !within.includes(value.$ref)) {
    const { $ref, ...beside } = value;
    /** @type {unknown} */
    let found = openApi;
    for (const key of $ref.split("/").slice(1))
      found = typeof found === "object" && found !== null ? Reflect.get(found, key) : undefined;
    const whole = resolved(found, openApi, [...within, $ref]);
    return typeof whole === "object" ? { ...whole, ...beside } : whole;
  }
  return Object.fromEntries(Object.entries(value).map(([key, part]) => [key, resolved(part, openApi, within)]));
}

/** @param {string} method @param {string} path @param {Call} call */
function callOf(method, path, call) {
  const id = `${method}${path}`.replace(/[^a-z0-9]+/gi, "-");
  /** @type {Map<Parameter, HTMLInputElement | HTMLSelectElement>} */
  const fields = new Map();
  const form = element("form", { autocomplete: "off" });
  for (const parameter of call.parameters ?? []) {
    const { input, row } = fieldOf(parameter, `${id}-${parameter.name}`);
    fields.set(parameter, input);
    form.append(row);
  }
  const bodySchema = call.requestBody?.content?.["application/json"]?.schema;
  const example = call.requestBody?.content?.["application/json"]?.example ?? exampleOf(bodySchema);
  const initial = JSON.stringify(example, undefined, 2);
  const body =
    bodySchema === undefined ? undefined : element("textarea", { rows: "4", "aria-label": "Body, JSON" }, initial);
  if (body !== undefined) form.append(element("p", {}, body));
  const curl = element("pre", { "aria-label": "curl", tabindex: "0" });
  // They scroll, so the keyboard must reach them.
  const answer = element("pre", { class: "answer", role: "status", "aria-label": "Answer", tabindex: "0" });
  answer.hidden = true;
  const elsewhere = addressOf(call.servers?.[0]);
  const request = () => requestOf(method, path, fields, body, elsewhere);
  const showCurl = () => {
    curl.textContent = curlOf(request());
  };
  const how =
    elsewhere === undefined
      ? element("button", { type: "submit" }, "Send")
      : "This call is served on another port, with a different token: try it with curl.";
  form.append(element("p", {}, how));
  form.addEventListener("input", showCurl);
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    showCurl();
    if (elsewhere !== undefined) return;
    void send(request(), answer);
  });

  const inside = element("div", { class: "inside" });
  const told = call.description?.replace(ACCESS, "") ?? "";
  if (told !== "") inside.append(element("p", {}, ...prose(told)));
  inside.append(element("p", { class: "access" }, `Token: ${accessOf(call, path)}.`));
  inside.append(form, curl, answer);
  if (bodySchema !== undefined) inside.append(schemaOf(bodySchema, "Schema of the body"));
  const statuses = element("table");
  for (const [status, { description = "", content }] of Object.entries(call.responses)) {
    const schema = content?.["application/json"]?.schema;
    const isAnswer = status.startsWith("2") && schema !== undefined;
    const meaning = isAnswer ? [schemaOf(schema, "Schema of the answer")] : prose(description);
    statuses.append(element("tr", {}, element("td", {}, status), element("td", {}, ...meaning)));
  }
  inside.append(statuses);

  const title = element(
    "summary",
    {},
    element("span", { class: `method ${method}` }, method.toUpperCase()),
    element("span", { class: "path" }, path),
    element("span", { class: "quiet" }, call.summary),
  );
  const made = element("details", { class: "call", id }, title, inside);
  made.addEventListener("toggle", showCurl);
  return made;
}

/** @param {unknown} openApi as our api makes it */
function show(openApi) {
  const { info, paths } = /** @type {OpenApi} */ (resolved(openApi, openApi));
  existing("summary").textContent = `${info.summary} REST interface ${info.version}.`;
  /** @type {Map<string, HTMLElement>} */
  const sections = new Map();
  for (const [path, calls] of Object.entries(paths)) {
    for (const [method, call] of Object.entries(calls)) {
      const [tag = ""] = call.tags;
      const known = sections.get(tag);
      const section = known ?? element("section", { id: tag }, element("h2", {}, tag));
      if (known === undefined) sections.set(tag, section);
      section.append(callOf(method, path, call));
    }
  }
  existing("contents").replaceChildren(
    ...[...sections.keys()].map((tag) => element("a", { href: `#${encodeURIComponent(tag)}` }, tag)),
  );
  existing("calls").replaceChildren(...sections.values());
}

keepToken();
existing("access").addEventListener("submit", (event) => {
  event.preventDefault();
});
fetch("openapi.json")
  .then(async (response) => {
    if (!response.ok) throw new Error(`openapi.json was answered ${String(response.status)}`);
    return response.text();
  })
  .then((text) => {
    show(JSON.parse(text));
  })
  .catch((/** @type {unknown} */ error) => {
    existing("calls").textContent = error instanceof Error ? error.message : "openapi.json cannot be read";
  });
