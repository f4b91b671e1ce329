// Writes packages/client/src/openapi.ts: the types of the REST API, from the OpenAPI document of the built packages. A test checks that the file is up to date.
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { clientTypes } from "./client-types.mjs";
import { runMain } from "../process/fault.mjs";
import { PROJECT_ROOT } from "../workspace.mjs";

await runMain(async () => {
  const { openApiDocument } = await import("@ticktally/schemas");
  const file = join(PROJECT_ROOT, "packages/client/src/openapi.ts");
  await writeFile(file, await clientTypes(JSON.stringify(openApiDocument())));
  return 0;
});
