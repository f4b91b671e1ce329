// `npm run doctor`: is this Redis set up as it should be? See docs/settings.md.
import { runRedisTool } from "./redis/redis-tool.mjs";

await runRedisTool("doctor");
