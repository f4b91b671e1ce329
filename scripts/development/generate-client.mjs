// Writes packages/client/src/openapi.ts: the types of the REST API, from the OpenAPI document of what was built. A test holds the file to it.
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { clientTypes } from "./client-types.mjs";
import { runMain } from "../process/fault.mjs";
import { PROJECT_ROOT } from "../workspace.mjs";

await runMain(async () => {
  const { openApiDocument } = await import("../../packages/schemas/dist/index.js");
  const file = join(PROJECT_ROOT, "packages/client/src/openapi.ts");
  await writeFile(file, await clientTypes(JSON.stringify(openApiDocument())));
  return 0;
});
