/**
 * An error that the user has to fix. Only its message is printed, without a stack, and the program ends with an exit code from sysexits.h, so that
 * a service manager can distinguish "misconfigured" from "crashed".
 */
export class Fault extends Error {
  /** Something outside the program is missing or in use: no Redis, a busy port, a second start. */
  static UNAVAILABLE = 69;
  /** The environment is wrong: a restart with the same environment cannot help. */
  static CONFIGURATION = 78;

  /**
   * @param {string} message one sentence that says what to do
   * @param {number} exitCode
   */
  constructor(message, exitCode) {
    super(message);
    this.name = "Fault";
    this.exitCode = exitCode;
  }
}

/**
 * Runs a script's main function and turns what it throws into an exit code.
 *
 * @param {() => Promise<number>} main returns the exit code
 */
export async function runMain(main) {
  try {
    process.exitCode = await main();
  } catch (error) {
    console.error(error instanceof Fault ? `\n${error.message}` : error);
    process.exitCode = error instanceof Fault ? error.exitCode : 1;
  }
}
