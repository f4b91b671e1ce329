import { StoreUnavailableError, passesFilter, type InstanceEvent, type InstanceId } from "@ticktally/core";
import { countAnswer, textAnswer, type StoredTarget, type TargetSecrets } from "@ticktally/schemas";
import type { RedisClient } from "../connection/connection.ts";
import { changeKeys, KeyMemory, TooLateError, type KeyCommand } from "../connection/key-commands.ts";
import type { Keys } from "../keys.ts";
import type { ForwardCipher } from "./forward-cipher.ts";
import { lanesOf, laneName, LaneKeys, type Lane } from "./lane-keys.ts";
import { firstGroups, judgeRoom, readRoom, sharedBytesMax, type Planned, type RoomVerdict } from "./lane-room.ts";
import { packEntry, webhookId, type ForwardedRequest } from "./lane-entry.ts";
import { openSecrets, RedisTargets, type Targets } from "./target-store.ts";

/** One thing that a request reports. */
export interface ForwardedPart {
  /** "" if it names none. */
  readonly instance: InstanceId;
  /** The gateway's word for it. */
  readonly type: string;
  /** Read only if a target's filter needs it. */
  readonly events: () => readonly InstanceEvent[];
}

/** A request that was received and may have to be forwarded. */
export interface ReceivedRequest {
  readonly parts: readonly ForwardedPart[];
  /** Unix ms */
  readonly receivedAtMs: number;
  /** Whether the gateway holds back this and everything after it when it is refused. */
  readonly holdsFeed: boolean;
  /** `undefined` if it was not kept because this process had no room for it. */
  readonly request: ForwardedRequest | undefined;
}

/** `stored` also if no target wants it, or if it was dropped. `full` also if this process has no key to encrypt it. `refused`: send it again later. */
export type Appended = "stored" | "full" | "refused";

interface LaneLimits {
  readonly laneBytesMax: number;
  readonly allBytesMax: () => number;
  /** What happens when a lane is full, for a gateway that holds its feed. Webhooks of other gateways are dropped. */
  readonly whenFull: "push_back" | "drop";
}

interface LaneWriterOptions extends LaneLimits {
  readonly keys: Keys;
  /** `undefined`: this process has no key, and handles everything for targets as if their lanes were full. */
  readonly cipher: ForwardCipher | undefined;
  /** Lanes with new entries. Not awaited: a missed lane is found within a minute. */
  readonly wake: (lanes: readonly Lane[]) => void;
  /** A target wants a webhook that this process cannot encrypt. */
  readonly onKeyMissing: (target: string) => void;
}

interface Known extends Targets {
  /** The instances that each target names. */
  readonly instances: ReadonlyMap<string, ReadonlySet<InstanceId>>;
  /** By `performance.now()`. */
  readonly readAt: number;
}

const ROUNDS_MAX = 5;
/** How long Redis's clock is derived from ours after it was read. */
const CLOCK_TRUSTED_MS = 10_000;
/** Refreshed in the background before it is needed. */
const READ_AGAIN_MS = CLOCK_TRUSTED_MS / 2;

/**
 * Puts requests into the lanes of the targets that want them. A target is in force as soon as it is created: with each batch the version of
 * the targets is read, or compared in the script that adds to lanes.
 */
export class LaneWriter {
  readonly #redis: RedisClient;
  readonly #laneKeys: LaneKeys;
  readonly #targets: RedisTargets;
  readonly #options: LaneWriterOptions;
  readonly #memory = new KeyMemory();
  #known: Known | undefined;
  /** Bytes in all lanes after our last write. */
  #held: { readonly bytes: number; readonly at: number } | undefined;
  #secrets = new Map<string, TargetSecrets | undefined>();
  #reading: Promise<void> | undefined;
  #isReadingAgain = false;

  constructor(redis: RedisClient, options: LaneWriterOptions) {
    this.#redis = redis;
    this.#laneKeys = new LaneKeys(options.keys.forwarding);
    this.#targets = new RedisTargets(redis, options.keys);
    this.#options = options;
  }

  /** Whether there are targets, as far as this process knows. */
  get hasTargets(): boolean {
    return (this.#known?.targets.length ?? 0) > 0;
  }

  /** The mark that our own requests carry; "" until the first target is created. */
  get ownId(): string {
    return this.#known?.ownId ?? "";
  }

  /**
   * @param received called only if there are targets
   * @param deadline by `performance.now()`: nothing is stored after it
   * @returns a result for each; empty if there is no target
   * @throws {StoreUnavailableError} some may be stored
   */
  async append(received: () => readonly ReceivedRequest[], deadline: number): Promise<readonly Appended[]> {
    let [answers, rest]: [Appended[], { readonly request: ReceivedRequest; readonly place: number }[]] = [[], []];
    for (let round = 0; round < ROUNDS_MAX; round++) {
      const known = this.#known ?? (await this.#read());
      if (known.targets.length > 0 && performance.now() - known.readAt > READ_AGAIN_MS) this.#readAgain(known);
      if (known.targets.length > 0 && answers.length === 0) {
        rest = received().map((request, place) => ({ request, place }));
        answers = rest.map(() => "stored");
      }
      const planned = rest.flatMap(({ request, place }) => this.#plan(known, request, place, answers));
      if (planned.length === 0) {
        if ((await this.#targets.version()) === known.version) return answers;
      } else if (round > 0 || performance.now() - known.readAt < CLOCK_TRUSTED_MS) {
        const done = await this.#store(known, planned, deadline, answers);
        if (done === planned.length) return answers;
        const first = planned[done]?.place ?? 0;
        rest = rest.filter(({ place }) => place >= first);
      }
      await this.#read();
    }
    throw new StoreUnavailableError("targets kept changing");
  }

  /** Before the clock reading is too old to use. An error shows when the clock is needed. */
  #readAgain(known: Known): void {
    if (this.#isReadingAgain) return;
    this.#isReadingAgain = true;
    this.#targets
      .readVersion()
      .then((found) => {
        if (found.version === known.version && this.#known === known)
          this.#known = { ...known, ...found, readAt: performance.now() };
      })
      .catch(() => undefined)
      .finally(() => {
        this.#isReadingAgain = false;
      });
  }

  /** Concurrent callers share one reading, which began after the previous one was found too old. */
  async #read(): Promise<Known> {
    this.#reading ??= this.#targets
      .read()
      .then((targets) => {
        const instances = new Map(targets.targets.map((target) => [target.id, new Set(target.instances)]));
        this.#known = { ...targets, instances, readAt: performance.now() };
        const { cipher } = this.#options;
        this.#secrets = new Map(
          targets.targets.map((target) => [target.id, cipher && openSecrets(cipher, target)] as const),
        );
      })
      .finally(() => {
        this.#reading = undefined;
      });
    await this.#reading;
    if (this.#known === undefined) throw new StoreUnavailableError("targets could not be read");
    return this.#known;
  }

  #plan(
    { targets, instances }: Known,
    request: ReceivedRequest,
    place: number,
    answers: Appended[],
  ): readonly Planned[] {
    return targets.flatMap((target) => {
      if (target.mode !== "relay" || target.state === "disabled") return [];
      const part = request.parts.find((one) => wants(target, instances.get(target.id), one));
      if (part === undefined) return [];
      const planned = this.#entry(target, part, request, place);
      if (planned === "unkept") answers[place] = "refused";
      return planned === "unkept" ? [] : [planned];
    });
  }

  #entry(
    { id, name }: StoredTarget,
    { instance, type }: ForwardedPart,
    { request, receivedAtMs, holdsFeed }: ReceivedRequest,
    place: number,
  ): Planned | "unkept" {
    const [{ cipher, whenFull, onKeyMissing }, secrets] = [this.#options, this.#secrets.get(id)];
    const lane = { target: id, instance };
    const mayRefuse = holdsFeed && whenFull === "push_back";
    const planned = { ...lane, place, receivedAtMs, mayRefuse };
    if (cipher === undefined || secrets === undefined) {
      onKeyMissing(name);
      return { ...planned, entry: Buffer.alloc(0) };
    }
    if (request === undefined) return "unkept";
    const head = {
      receivedAtMs,
      type,
      webhookId: webhookId(Buffer.from(secrets.idKey, "base64"), instance, request.body),
    };
    return { ...planned, entry: packEntry(cipher, laneName(lane), head, request) };
  }

  /** @returns how many are done; fewer than all if the targets changed, or the clock must be read again */
  async #store(known: Known, planned: readonly Planned[], deadline: number, answers: Appended[]): Promise<number> {
    // Redis read its clock before its answer arrived, so this deadline is too early rather than too late.
    const untilMs = known.redisMs + (deadline - known.readAt);
    let done = 0;
    while (done < planned.length) {
      const some = firstGroups(planned, done);
      const verdict = this.#isRoomy(some) ? { stored: some, dropped: [], refused: [] } : await this.#judge(some);
      try {
        if (!(await this.#write(known.version, verdict, untilMs))) return done;
      } catch (error) {
        // Too late, or a clock was adjusted: the next round reads Redis's clock again.
        if (error instanceof TooLateError && performance.now() < deadline) return done;
        throw error;
      }
      for (const { place } of verdict.refused) answers[place] = "full";
      done += some.length;
    }
    return done;
  }

  /**
   * Whether everything can be encrypted and fits even if it all goes into one lane: then no lane has to be read first. Half of the room is left for what other
   * processes have added meanwhile.
   */
  #isRoomy(planned: readonly Planned[]): boolean {
    if (planned.some(({ entry }) => entry.length === 0)) return false;
    if (this.#held === undefined || performance.now() - this.#held.at > CLOCK_TRUSTED_MS) return false;
    const { laneBytesMax, allBytesMax } = this.#options;
    const bytes = planned.reduce((sum, { entry }) => sum + entry.length, this.#held.bytes);
    return bytes <= Math.min(laneBytesMax, sharedBytesMax(allBytesMax())) / 2;
  }

  async #judge(planned: readonly Planned[]): Promise<RoomVerdict> {
    const { laneBytesMax, allBytesMax } = this.#options;
    const at = performance.now();
    const room = await readRoom(this.#redis, this.#laneKeys, lanesOf(planned));
    this.#held = { bytes: room.allBytes, at };
    return judgeRoom(planned, { ...room, laneBytesMax, allBytesMax: allBytesMax() });
  }

  /** @returns `false` if the targets changed and nothing was written */
  async #write(version: string, { stored, dropped, refused }: RoomVerdict, untilMs: number): Promise<boolean> {
    const [keys, at] = [this.#laneKeys, performance.now()];
    const commands = [
      ...keys.keep(stored, dropped),
      ...refused.map(({ target }): KeyCommand => ["HINCRBY", keys.stats(target), "refused", 1]),
    ];
    return changeKeys(
      this.#redis,
      keys.root,
      [["GET", keys.version]],
      ([found]) => {
        const isCurrent = (textAnswer.parse(found) ?? "0") === version;
        return {
          commands: isCurrent ? commands : [],
          outcome: isCurrent,
          onWritten: ([bytes, ...lengths]) => {
            if (stored.length === 0) return;
            this.#held = { bytes: countAnswer.parse(bytes), at };
            this.#wakeEmpty(
              stored,
              lengths.map((length) => countAnswer.parse(length)),
            );
          },
        };
      },
      { untilMs, memory: this.#memory },
    );
  }

  /** A lane that already had entries is awake. @param lengths of the lanes now */
  #wakeEmpty(stored: readonly Planned[], lengths: readonly number[]): void {
    const put = new Map<string, number>();
    for (const one of stored) put.set(laneName(one), (put.get(laneName(one)) ?? 0) + 1);
    const woken = lanesOf(stored).filter((lane, i) => lengths[i] === put.get(laneName(lane)));
    if (woken.length > 0) this.#options.wake(woken);
  }
}

function wants(
  { instances, filter }: StoredTarget,
  named: ReadonlySet<InstanceId> | undefined,
  { instance, type, events }: ForwardedPart,
): boolean {
  if (instances !== undefined && named?.has(instance) !== true) return false;
  return passesFilter(filter, type, events);
}
