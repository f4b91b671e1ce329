import openapiTS, { astToString } from "openapi-typescript";
import { format } from "prettier";

/**
 * The types of an OpenAPI document as TypeScript.
 * @param {string} document JSON
 */
export async function clientTypes(document) {
  const types = astToString(await openapiTS(document));
  const head = "// Made by `npm run client`: do not edit.\n\n";
  return format(head + types, { parser: "typescript", printWidth: 120 });
}
