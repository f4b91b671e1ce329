import type { InstanceId } from "./instance-id.ts";

export interface RegisteredInstance {
  readonly id: InstanceId;
  /** Its name in URLs and metrics: its id until it is renamed. */
  readonly name: string;
}

export interface InstancePage {
  readonly instances: readonly RegisteredInstance[];
  /** How many instances there are in total. */
  readonly total: number;
  /** The next page begins after this name; `undefined` on the last page. */
  readonly next?: string;
}

export interface InstanceRegistry {
  /** Make instances known under their ids; known ones stay as they are. @param instances at least one */
  register(instances: readonly InstanceId[]): Promise<void>;
  /** @param instances at least one @returns those of them that are known */
  registered(instances: readonly InstanceId[]): Promise<readonly InstanceId[]>;
  /** All at once, for command-line tools. Servers use {@link page} or {@link slices}. */
  list(): Promise<readonly RegisteredInstance[]>;
  /** The first `limit` instances by name, after the previous page's `next`. The cost grows with what is returned, not with what exists. */
  page(limit: number, after?: string): Promise<InstancePage>;
  /** All instances, a few at a time, in no order. One may come twice; instances created or deleted meanwhile may be missing. */
  slices(): AsyncIterable<readonly RegisteredInstance[]>;
  /** @param names names or ids, at least one @returns one per name, in order; `undefined` for an unknown one */
  resolve(names: readonly string[]): Promise<readonly (RegisteredInstance | undefined)[]>;
  /** The instance that this TokenInstance belongs to. @param tokenSha256 hex */
  tokenOwner(tokenSha256: string): Promise<InstanceId | undefined>;
}

/** Creates and names instances, and issues their tokens. */
export interface InstanceAdministration {
  /** @returns the reason if it could not be done */
  create(instance: RegisteredInstance): Promise<"created" | "id_taken" | "name_taken">;
  rename(id: InstanceId, name: string): Promise<"renamed" | "name_taken" | "unknown">;
  /**
   * Unregister an instance: its name is free again and its tokens are invalid. `InstanceEraser` deletes its data.
   * @param counted its totals by counter: they stay in the sum that Prometheus has already scraped
   */
  remove(id: InstanceId, counted: ReadonlyMap<string, number>): Promise<void>;
  /** Give an instance a token. The previous one stays valid; older ones end. @param tokenSha256 hex */
  addToken(id: InstanceId, tokenSha256: string): Promise<"added" | "unknown">;
}
