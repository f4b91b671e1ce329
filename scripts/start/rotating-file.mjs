import { closeSync, openSync, renameSync, statSync, writeSync } from "node:fs";

const SIZE_BYTES_MAX = 20 * 1024 * 1024;

/**
 * A log file that is rotated when it is larger than `sizeBytesMax`, at start and while it is written; one old file is kept. Writes are synchronous on
 * purpose, so that a slow disk delays the writer instead of filling memory. With a full disk, lines are dropped and the supervisor continues.
 *
 * @param {string} path
 */
export function openRotatingFile(path, sizeBytesMax = SIZE_BYTES_MAX) {
  rotateIfLarge(path, sizeBytesMax);
  let file = openSync(path, "a", 0o600);
  let sizeBytes = statSync(path).size;
  return {
    /** @param {string | Buffer} chunk */
    write(chunk) {
      try {
        if (sizeBytes > sizeBytesMax) {
          renameSync(path, `${path}.1`);
          const next = openSync(path, "a", 0o600);
          closeSync(file);
          file = next;
          sizeBytes = 0;
        }
        sizeBytes += typeof chunk === "string" ? writeSync(file, chunk) : writeSync(file, chunk);
      } catch {
        // The line is lost; the terminal still shows warnings.
      }
    },
    close: () => closeSync(file),
  };
}

/** @param {string} path */
export function rotateIfLarge(path, sizeBytesMax = SIZE_BYTES_MAX) {
  const sizeBytes = statSync(path, { throwIfNoEntry: false })?.size ?? 0;
  if (sizeBytes > sizeBytesMax) renameSync(path, `${path}.1`);
}
