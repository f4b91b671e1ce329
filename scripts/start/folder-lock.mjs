/**
 * A lock, so that each data folder has one owner. The lock file names the owner process and the processes that it started. A second start is
 * refused while the owner runs, and a start after a `kill -9` finds the processes that still run.
 */
import { mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { Fault } from "../process/fault.mjs";
import { parseJson } from "../process/json.mjs";
import { identify, isRunning } from "./process-identity.mjs";

/** @typedef {import("./process-identity.mjs").ProcessIdentity} ProcessIdentity */
/** @typedef {ProcessIdentity & { name: string }} NamedProcess */
/** @typedef {{ owner: ProcessIdentity, nonce: string, started: NamedProcess[] }} LockContent */
/**
 * @typedef {object} FolderLock
 * @property {readonly NamedProcess[]} orphans processes that still run although their owner has ended; the caller stops them
 * @property {(name: string, pid: number) => void} record stores that this owner has started or restarted a process
 * @property {() => void} release
 */

const FILE = "ticktally.lock";
/** Longer than the time between reading and replacing a stale lock, for two starts that race for it. */
const RACE_MS = 100;

/**
 * @param {string} folder created if missing, readable only by this user
 * @returns {Promise<FolderLock>}
 * @throws {Fault} another running process, or another caller in this one, owns the folder
 */
export async function lockFolder(folder) {
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  const file = join(folder, FILE);
  const owner = identify(process.pid);
  if (owner === undefined) throw new Error("this process cannot be identified");
  /** @type {LockContent} */
  const content = { owner, nonce: `${process.hrtime.bigint()}`, started: [] };

  let orphans = /** @type {NamedProcess[]} */ ([]);
  if (!create(file, content)) {
    const previous = await readSettled(file);
    if (previous !== undefined && isRunning(previous.owner)) throw inUse(folder, previous.owner.pid);
    orphans = (previous?.started ?? []).filter(isRunning);
    content.started = [...orphans];
    rmSync(file, { force: true });
    create(file, content);
    // Two starts may have found the same ended owner; the one that wrote last gets the folder.
    await delay(RACE_MS);
    const winner = await readSettled(file);
    if (winner?.nonce !== content.nonce) throw inUse(folder, winner?.owner.pid ?? 0);
  }

  return {
    orphans,
    record(name, pid) {
      const identity = identify(pid);
      const others = content.started.filter((one) => one.name !== name && isRunning(one));
      content.started = identity === undefined ? others : [...others, { name, ...identity }];
      try {
        writeFileSync(`${file}.new`, JSON.stringify(content), { mode: 0o600 });
        renameSync(`${file}.new`, file);
      } catch {
        // The disk is full. The record is only needed after a `kill -9`, so the processes keep running.
      }
    },
    release() {
      if (read(file)?.nonce === content.nonce) rmSync(file, { force: true });
    },
  };
}

/**
 * @param {string} folder
 * @param {number} pid
 */
function inUse(folder, pid) {
  return new Fault(
    `Another Ticktally (process ${pid}) is running on ${folder}: stop it first, or set TICKTALLY_DATA_DIR to another folder.`,
    Fault.UNAVAILABLE,
  );
}

/**
 * @param {string} file
 * @param {LockContent} content
 * @returns {boolean} false if the file exists already
 */
function create(file, content) {
  try {
    writeFileSync(file, JSON.stringify(content), { flag: "wx", mode: 0o600 });
    return true;
  } catch (error) {
    if (/** @type {NodeJS.ErrnoException} */ (error).code === "EEXIST") return false;
    throw error;
  }
}

/**
 * A lock file that is being created is empty for a moment; one that stays unreadable was cut off by a crash.
 *
 * @param {string} file
 */
async function readSettled(file) {
  const content = read(file);
  if (content !== undefined) return content;
  await delay(RACE_MS);
  return read(file);
}

/**
 * @param {string} file
 * @returns {LockContent | undefined}
 */
function read(file) {
  try {
    return /** @type {LockContent} */ (parseJson(readFileSync(file, "utf8")));
  } catch {
    return undefined;
  }
}
