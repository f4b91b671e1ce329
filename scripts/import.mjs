// `npm run import`: see docs/backup.md.
import { runBackupTool } from "./backup-tool.mjs";

await runBackupTool("import");
