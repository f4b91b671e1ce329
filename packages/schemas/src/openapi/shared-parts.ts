import type { Json, JsonObject } from "./document.ts";

const DEFINITION = "#/$defs/";
/** Named schemas become components and are written once. */
export class SharedSchemas {
  readonly schemas: Record<string, JsonObject> = {};

  /** @returns the same call with references to components */
  take(call: Json | undefined): JsonObject {
    return this.#withSchemas(call ?? {}) as JsonObject;
  }

  /** Zod puts named schemas beside the place that uses them, under `$defs`. */
  #withSchemas(value: Json): Json {
    if (Array.isArray(value)) return value.map((element: Json) => this.#withSchemas(element));
    if (value === null || typeof value !== "object") return value;
    const entries: [string, Json][] = [];
    for (const [key, part] of Object.entries(value as JsonObject)) {
      if (key === "$defs")
        for (const [name, definition] of Object.entries(part as JsonObject)) this.#schema(name, definition);
      else if (key === "$ref" && typeof part === "string")
        entries.push([key, part.replace(DEFINITION, "#/components/schemas/")]);
      else entries.push([key, key === "example" ? part : this.#withSchemas(part)]);
    }
    const whole = Object.fromEntries(entries);
    const { id } = whole;
    // The outermost schema contains its own name.
    const isNamed =
      typeof id === "string" && ("type" in whole || "anyOf" in whole || "oneOf" in whole || "allOf" in whole);
    return isNamed ? { $ref: `#/components/schemas/${this.#schema(id, whole)}` } : whole;
  }

  #schema(name: string, definition: Json): string {
    const schema: Record<string, Json> = { ...(definition as JsonObject) };
    delete schema["id"];
    this.schemas[name] ??= this.#withSchemas(schema) as JsonObject;
    return name;
  }
}

interface Parameter extends JsonObject {
  readonly name: string;
}
interface Call {
  readonly operationId: string;
  parameters?: readonly JsonObject[];
  readonly responses: Record<string, Json>;
}
type Paths = Readonly<Record<string, Readonly<Record<string, Json>>>>;

/**
 * Replace parameters that several calls share by references.
 * @returns these parameters by name; if two differ, the second one's name is prefixed with the call's
 */
export function shareParameters(paths: Paths): Record<string, JsonObject> {
  const calls = callsOf(paths);
  const parametersOf = ({ parameters = [] }: Call) => parameters as readonly Parameter[];
  const count = counted(calls.flatMap(parametersOf));
  const shared: Record<string, JsonObject> = {};
  for (const call of calls) {
    if (call.parameters === undefined) continue;
    call.parameters = parametersOf(call).map((parameter) => {
      const text = JSON.stringify(parameter);
      if ((count.get(text) ?? 0) < 2) return parameter;
      const own = parameter.name;
      const known = Object.entries(shared).find(([, one]) => JSON.stringify(one) === text)?.[0];
      const name = known ?? (own in shared ? `${call.operationId}.${own}` : own);
      shared[name] = parameter;
      return { $ref: `#/components/parameters/${name}` };
    });
  }
  return shared;
}

/**
 * Replace answers that several calls share, with a named schema, by references.
 * @returns these answers by the name of their schema
 */
export function shareAnswers(paths: Paths): Record<string, JsonObject> {
  const calls = callsOf(paths);
  const count = counted(calls.flatMap(({ responses }) => Object.values(responses)));
  const shared: Record<string, JsonObject> = {};
  for (const { responses } of calls)
    for (const [status, answer] of Object.entries(responses)) {
      const text = JSON.stringify(answer);
      const [, name] = /^\{"description.*"schema":\{"\$ref":"#\/components\/schemas\/(\w+)"\}/.exec(text) ?? [];
      if (name === undefined || (count.get(text) ?? 0) < 2) continue;
      if (JSON.stringify((shared[name] ??= answer as JsonObject)) !== text) continue;
      responses[status] = { $ref: `#/components/responses/${name}` };
    }
  return shared;
}

function callsOf(paths: Paths): readonly Call[] {
  return Object.values(paths).flatMap((path) => Object.values(path) as unknown as readonly Call[]);
}

function counted(values: readonly Json[]): ReadonlyMap<string, number> {
  const count = new Map<string, number>();
  for (const text of values.map((value) => JSON.stringify(value))) count.set(text, (count.get(text) ?? 0) + 1);
  return count;
}
