// `npm run export`: see docs/backup.md.
import { runBackupTool } from "./backup-tool.mjs";

await runBackupTool("export");
