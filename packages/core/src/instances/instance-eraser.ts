import type { InstanceId } from "./instance-id.ts";

export interface InstanceEraser {
  /** Forget all messages, counts and settings of an instance: at once for every reader. What takes longer is left to {@link erase}. */
  forget(instance: InstanceId): Promise<void>;
  /**
   * As {@link forget}, if what is there has not changed since a mark of it was given.
   * @param mark what an earlier call returned; "" to forget nothing
   * @returns a mark of what is there afterwards; "" if there is nothing
   */
  forgetUnchanged(instance: InstanceId, mark: string): Promise<string>;
  /** Delete what forgotten instances left. May be stopped at any point and called again, by several at once. @returns keys deleted */
  erase(): Promise<number>;
}
