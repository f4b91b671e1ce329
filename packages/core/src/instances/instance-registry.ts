import type { InstanceId } from "./instance-id.ts";

export interface RegisteredInstance {
  readonly id: InstanceId;
  /** What it is called in URLs and metrics: its id until it is renamed. */
  readonly name: string;
}

export interface InstancePage {
  readonly instances: readonly RegisteredInstance[];
  /** Of all that there are. */
  readonly total: number;
  /** After which name the next page begins; `undefined` after the last. */
  readonly next?: string;
}

export interface InstanceRegistry {
  /** Make instances known under their ids; known ones stay as they are. @param instances at least one */
  register(instances: readonly InstanceId[]): Promise<void>;
  /** @param instances at least one @returns those of them that are known */
  registered(instances: readonly InstanceId[]): Promise<readonly InstanceId[]>;
  /** All at once: for tools. Who serves others takes {@link page} or {@link slices}. */
  list(): Promise<readonly RegisteredInstance[]>;
  /** The first so many by name, after the one that a page before named as `next`. Costs what it returns, not what there is. */
  page(limit: number, after?: string): Promise<InstancePage>;
  /** All, some at a time, in no order. One may come twice; those that are made or deleted meanwhile may be missing. */
  slices(): AsyncIterable<readonly RegisteredInstance[]>;
  /** @param names names or ids, at least one @returns one per name, in order; `undefined` for an unknown one */
  resolve(names: readonly string[]): Promise<readonly (RegisteredInstance | undefined)[]>;
  /** Whose TokenInstance this is. @param tokenSha256 hex */
  tokenOwner(tokenSha256: string): Promise<InstanceId | undefined>;
}

/** Makes and names instances, and gives them tokens. */
export interface InstanceAdministration {
  /** @returns what stood in the way, if anything */
  create(instance: RegisteredInstance): Promise<"created" | "id_taken" | "name_taken">;
  rename(id: InstanceId, name: string): Promise<"renamed" | "name_taken" | "unknown">;
  /**
   * Unregister an instance: its name and tokens are free again. Its data is for `InstanceEraser`.
   * @param counted what grew of it, by counter: it stays in the sum that Prometheus was shown it in
   */
  remove(id: InstanceId, counted: ReadonlyMap<string, number>): Promise<void>;
  /** Give an instance a token. The one before stays valid, those before that end. @param tokenSha256 hex */
  addToken(id: InstanceId, tokenSha256: string): Promise<"added" | "unknown">;
}
