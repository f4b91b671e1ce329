// `npm run upgrade`: see docs/upgrading.md.
import { runRedisTool } from "./redis/redis-tool.mjs";

await runRedisTool("upgrade");
