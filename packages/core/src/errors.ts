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

/** The store refused this call. Repeating it will not help. */
export class StoreRejectedError extends TicktallyError {
  readonly code = "store_rejected";
  readonly retryable = false;
}

/** The instance was deleted or never registered: nothing is stored for it. */
export class UnknownInstanceError extends StoreRejectedError {}

/** The queue is full. Try again later. */
export class QueueFullError extends TicktallyError {
  readonly code = "queue_full";
  readonly retryable = true;
}

/** The cursor did not come from this list. */
export class InvalidCursorError extends TicktallyError {
  readonly code = "invalid_cursor";
  readonly retryable = false;
}
