// `npm run export`: see docs/backup.md.
import { runRedisTool } from "./redis/redis-tool.mjs";

await runRedisTool("export");
