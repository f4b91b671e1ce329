import { openSecrets, type ForwardCipher, type RedisTargets } from "@ticktally/redis";
import type { StoredTarget, TargetSecrets } from "@ticktally/schemas";
import type { Logger } from "@ticktally/telemetry";

export interface KnownTarget extends StoredTarget {
  /** `undefined` if none of our keys decrypts them, so nothing can be sent. */
  readonly secrets: TargetSecrets | undefined;
}

interface KnownTargetsOptions {
  readonly targets: Pick<RedisTargets, "read" | "version">;
  readonly cipher: ForwardCipher;
  /** Called when a target becomes available. */
  readonly onSendable: (target: KnownTarget) => void;
  readonly logger: Logger;
}

const LOOK_EVERY_MS = 1_000;

/** The targets, at most a second old. */
export class KnownTargets {
  readonly #options: KnownTargetsOptions;
  #byId: ReadonlyMap<string, KnownTarget> = new Map();
  #version: string | undefined;
  #timer: NodeJS.Timeout | undefined;
  ownId = "";

  constructor(options: KnownTargetsOptions) {
    this.#options = options;
  }

  async start(): Promise<void> {
    await this.look().catch(() => undefined);
    // While Redis is unreachable the old ones stay: nothing can be sent then anyway.
    this.#timer = setInterval(() => void this.look().catch(() => undefined), LOOK_EVERY_MS);
  }

  stop(): void {
    clearInterval(this.#timer);
  }

  get all(): readonly KnownTarget[] {
    return [...this.#byId.values()];
  }

  /**
   * @param version if given, the target at this version or later
   * @throws {StoreUnavailableError} if it is unknown here and cannot be read now
   */
  async withId(id: string, version = this.#version): Promise<KnownTarget | undefined> {
    if (!this.#byId.has(id) || version !== this.#version) await this.look();
    return this.#byId.get(id);
  }

  async look(): Promise<void> {
    const { targets, cipher, logger, onSendable } = this.#options;
    if ((await targets.version()) === this.#version) return;
    const { version, ownId, targets: stored } = await targets.read();
    const before = this.#byId;
    this.#byId = new Map(stored.map((target) => [target.id, { ...target, secrets: openSecrets(cipher, target) }]));
    [this.#version, this.ownId] = [version, ownId];
    for (const target of this.#byId.values()) {
      const old = before.get(target.id);
      if (isSendable(target) && old !== undefined && !isSendable(old)) onSendable(target);
      if (target.secrets === undefined)
        logger.error({ target: target.name }, "no key of FORWARD_KEY decrypts this target: nothing is sent there");
    }
  }
}

export function isSendable({ state, secrets }: KnownTarget): boolean {
  return state === "active" && secrets !== undefined;
}
