import type { Json, JsonObject } from "./document.ts";

const DEFINITION = "#/$defs/";

/** What several calls share becomes a component, and is written once: schemas that have a name, parameters, and refusals. */
export class SharedParts {
  readonly schemas: Record<string, JsonObject> = {};
  readonly parameters: Record<string, JsonObject> = {};
  readonly responses: Record<string, JsonObject> = {};

  /** @param of goes before the names of its refusals @returns the same call, which refers to components */
  take(call: Json | undefined, of = ""): JsonObject {
    const { parameters, responses, ...rest } = this.#withSchemas(call ?? {}) as JsonObject;
    return {
      ...rest,
      parameters: (parameters as readonly JsonObject[]).map((parameter) => {
        const name = typeof parameter["name"] === "string" ? parameter["name"] : "";
        return reference("parameters", this.parameters, name, parameter);
      }),
      responses: Object.fromEntries(
        Object.entries(responses as JsonObject).map(([status, response]) => {
          if (Number(status) < 300) return [status, response];
          const isDefault = status === "default";
          const isOurs = JSON.stringify(response).includes("GatewayError");
          const name = `${of}${isOurs ? "Gateway" : ""}${status === "304" ? "NotModified" : isDefault ? "AnyTime" : `Error${status}`}`;
          return [status, reference("responses", this.responses, name, response as JsonObject)];
        }),
      ),
    };
  }

  /** Those that have a name are put beside what uses them by zod, under `$defs`. */
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
    // The outermost has its name within.
    const isNamed = typeof id === "string" && ("type" in whole || "anyOf" in whole || "oneOf" in whole);
    return isNamed ? { $ref: `#/components/schemas/${this.#schema(id, whole)}` } : whole;
  }

  #schema(name: string, definition: Json): string {
    const schema: Record<string, Json> = { ...(definition as JsonObject) };
    delete schema["id"];
    this.schemas[name] ??= this.#withSchemas(schema) as JsonObject;
    return name;
  }
}

/** The component of that name; the whole where another one has the name. */
function reference(kind: string, components: Record<string, JsonObject>, name: string, whole: JsonObject): JsonObject {
  const known = (components[name] ??= whole);
  return JSON.stringify(known) === JSON.stringify(whole) ? { $ref: `#/components/${kind}/${name}` } : whole;
}
