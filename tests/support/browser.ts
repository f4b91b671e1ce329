import { accessSync, constants } from "node:fs";
import { delimiter, join } from "node:path";
import { getuid } from "node:process";
import { runCommand } from "../../scripts/process/run-command.mjs";

const NAMES = ["chromium", "chromium-browser", "google-chrome", "google-chrome-stable"];

/** The path of a Chromium on the PATH. On Debian, root installs one if there is none. */
export const browserPath = installed() ?? (await installedNow());

if (browserPath === undefined) {
  process.stderr.write(
    "\n*** SKIPPED: the tests of the documentation page and the console below need Chromium (Debian: apt-get install chromium) ***\n\n",
  );
}

function installed(): string | undefined {
  const folders = (process.env["PATH"] ?? "").split(delimiter);
  return folders.flatMap((folder) => NAMES.map((name) => join(folder, name))).find(isExecutable);
}

async function installedNow(): Promise<string | undefined> {
  if (getuid?.() !== 0) return undefined;
  const env = { ...process.env, DEBIAN_FRONTEND: "noninteractive" };
  const install = async () => runCommand("apt-get", ["install", "-y", "--no-install-recommends", "chromium"], { env });
  try {
    if ((await install()).exitCode !== 0) {
      await runCommand("apt-get", ["update"], { env });
      await install();
    }
  } catch {
    // This system has no apt-get.
  }
  return installed();
}

function isExecutable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}
