export type ErrorCode = "store_unavailable" | "store_rejected" | "queue_full" | "invalid_cursor";

/** Base of every error we throw on purpose. Branch on `code`; `message` is for people. */
export abstract class TicktallyError extends Error {
  abstract readonly code: ErrorCode;
  /** Whether trying the same call again may succeed. */
  abstract readonly retryable: boolean;
  override get name(): string {
    return this.constructor.name;
  }
}

/** The store cannot be reached, is full, read-only, loading or too slow. Nothing is known to be written: repeat the call. */
export class StoreUnavailableError extends TicktallyError {
  readonly code = "store_unavailable";
  readonly retryable = true;
}

/** The store refused this very call; repeating it will not help. */
export class StoreRejectedError extends TicktallyError {
  readonly code = "store_rejected";
  readonly retryable = false;
}

/** The instance was deleted, or was never registered: nothing of it is stored. */
export class UnknownInstanceError extends StoreRejectedError {}

/** The queue holds as much as it may: come back later. */
export class QueueFullError extends TicktallyError {
  readonly code = "queue_full";
  readonly retryable = true;
}

/** A cursor that no list gave. */
export class InvalidCursorError extends TicktallyError {
  readonly code = "invalid_cursor";
  readonly retryable = false;
}
