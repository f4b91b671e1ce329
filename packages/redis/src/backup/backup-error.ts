/** An export or import cannot go on. The message is for the person at the terminal and says what to do. */
export class BackupError extends Error {
  override readonly name = "BackupError";
}
