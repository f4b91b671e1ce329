import { accessSync, constants } from "node:fs";
import { delimiter, join } from "node:path";
import { getuid } from "node:process";
import { runCommand } from "../../scripts/process/run-command.mjs";

const NAMES = ["chromium", "chromium-browser", "google-chrome", "google-chrome-stable"];

/** A Chromium on the PATH; as root on Debian it is installed if there is none. */
export const browserPath = installed() ?? (await installedNow());

if (browserPath === undefined) {
  process.stderr.write(
    "\n*** NOT TESTED: the documentation page, the tests below are skipped: install Chromium (Debian: apt-get install chromium) ***\n\n",
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
    // No apt-get here.
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
