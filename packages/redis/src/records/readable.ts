import { StoreRejectedError, type InstanceId } from "@ticktally/core";

/** What is read of an instance's keys. @throws {StoreRejectedError} they hold something else: a `RangeError` says so */
export function readable<Result>(instance: InstanceId, read: () => Result): Result {
  try {
    return read();
  } catch (error) {
    if (error instanceof RangeError) throw unreadable(instance);
    throw error;
  }
}

export function unreadable(instance: InstanceId): StoreRejectedError {
  return new StoreRejectedError(`the keys of instance ${instance} cannot be read`);
}
