// `npm run import`: see docs/backup.md.
import { runRedisTool } from "./redis-tool.mjs";

await runRedisTool("import");
