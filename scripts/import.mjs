// `npm run import`: see docs/backup.md.
import { runRedisTool } from "./redis/redis-tool.mjs";

await runRedisTool("import");
