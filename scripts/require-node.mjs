// Imported first by every script that users run: an old Node would otherwise fail with a syntax error.
import { readFileSync } from "node:fs";
import { parseJson } from "./process/json.mjs";

const manifest = parseJson(readFileSync(new URL("../package.json", import.meta.url), "utf8"));
const { engines } = /** @type {{ engines: { node: string } }} */ (manifest);
const [majorMin = 0, minorMin = 0] = engines.node.replace(">=", "").split(".").map(Number);
const [major = 0, minor = 0] = process.versions.node.split(".").map(Number);

if (major < majorMin || (major === majorMin && minor < minorMin)) {
  console.error(`Ticktally needs Node ${majorMin}.${minorMin} or newer; this is ${process.versions.node}.`);
  process.exit(78);
}
if (process.platform === "win32") {
  console.error("Ticktally runs on Linux and macOS: on Windows, use WSL or `docker compose up`.");
  process.exit(78);
}
