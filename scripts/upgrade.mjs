// `npm run upgrade`: see docs/upgrading.md.
import { runRedisTool } from "./redis-tool.mjs";

await runRedisTool("upgrade");
