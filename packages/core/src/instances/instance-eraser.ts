import type { InstanceId } from "./instance-id.ts";

export interface InstanceEraser {
  /**
   * Forget all messages, counts and settings of an instance, at once for every reader. The deletion itself takes longer and is done by
   * {@link erase}.
   */
  forget(instance: InstanceId): Promise<void>;
  /**
   * As {@link forget}, but only if the instance's data have not changed since the mark was given.
   * @param mark what an earlier call returned; "" to forget nothing
   * @returns a mark of the data that exist afterwards; "" if there are none
   */
  forgetUnchanged(instance: InstanceId, mark: string): Promise<string>;
  /**
   * Delete what forgotten instances left behind. May be stopped at any point, repeated, and run by several processes at once.
   * @returns keys deleted
   */
  erase(): Promise<number>;
}
