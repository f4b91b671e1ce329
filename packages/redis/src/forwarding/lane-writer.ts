import { StoreUnavailableError, passesFilter, type InstanceEvent, type InstanceId } from "@ticktally/core";
import { countAnswer, textAnswer, type StoredTarget, type TargetSecrets } from "@ticktally/schemas";
import type { RedisClient } from "../connection/connection.ts";
import { changeKeys, KeyMemory, TooLateError, type KeyCommand } from "../connection/key-commands.ts";
import type { Keys } from "../keys.ts";
import type { ForwardCipher } from "./forward-cipher.ts";
import { lanesOf, laneName, LaneKeys, type Lane } from "./lane-keys.ts";
import { firstGroups, judgeRoom, readRoom, type Planned, type RoomVerdict } from "./lane-room.ts";
import { packEntry, webhookId, type ForwardedRequest } from "./lane-entry.ts";
import { openSecrets, RedisTargets, type Targets } from "./target-store.ts";

/** One thing that a request reports. */
export interface ForwardedPart {
  /** "" where it names none. */
  readonly instance: InstanceId;
  /** The gateway's word for it. */
  readonly type: string;
  /** Read only where a target's filter asks for it. */
  readonly events: () => readonly InstanceEvent[];
}

/** A request that was received, and may have to be passed on. */
export interface ReceivedRequest {
  readonly parts: readonly ForwardedPart[];
  /** Unix ms */
  readonly receivedAtMs: number;
  /** Whether the gateway keeps it and everything after it if it is refused. */
  readonly holdsFeed: boolean;
  /** `undefined`: it was not kept, because there was no room for it in this process. */
  readonly request: ForwardedRequest | undefined;
}

/** `stored` also where no target wants it, or what could not be kept was dropped. `refused`: send it again later. */
export type Appended = "stored" | "full" | "refused";

interface LaneLimits {
  readonly laneBytesMax: number;
  readonly allBytesMax: () => number;
  /** What happens where a lane is full, of a gateway that holds its feed; of any other it is dropped. */
  readonly whenFull: "push_back" | "drop";
}

interface LaneWriterOptions extends LaneLimits {
  readonly keys: Keys;
  /** `undefined`: this process has no key, and what targets want is dropped. */
  readonly cipher: ForwardCipher | undefined;
  /** Lanes that something was put into. Not waited for: what is missed is found within a minute. */
  readonly wake: (lanes: readonly Lane[]) => void;
  /** A target wants something that this process cannot encrypt. */
  readonly onKeyMissing: (target: string) => void;
}

interface Known extends Targets {
  /** By target: those it names. */
  readonly instances: ReadonlyMap<string, ReadonlySet<InstanceId>>;
  /** Of `performance.now()`. */
  readonly readAt: number;
}

const ROUNDS_MAX = 5;
/** How long after a reading Redis's clock is worked out from ours. */
const CLOCK_TRUSTED_MS = 10_000;
/** Read again in the background before it is needed. */
const READ_AGAIN_MS = CLOCK_TRUSTED_MS / 2;

/**
 * Puts requests into the lanes of the targets that want them. That a target is in force from its creation on is made sure of with each
 * batch: the version of the targets is read when it is stored, or compared in the script that adds to lanes.
 */
export class LaneWriter {
  readonly #redis: RedisClient;
  readonly #laneKeys: LaneKeys;
  readonly #targets: RedisTargets;
  readonly #options: LaneWriterOptions;
  readonly #memory = new KeyMemory();
  #known: Known | undefined;
  /** What all lanes together held after our last writing. */
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

  /** Whether there are targets, as far as is known here. */
  get hasTargets(): boolean {
    return (this.#known?.targets.length ?? 0) > 0;
  }

  /** What our own requests carry; "" while there was never a target. */
  get ownId(): string {
    return this.#known?.ownId ?? "";
  }

  /**
   * @param received asked for only if there are targets
   * @param deadline of `performance.now()`: what is not stored by then will not be
   * @returns what became of each; nothing where there is no target
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
    throw new StoreUnavailableError("targets were changed again and again meanwhile");
  }

  /** Before the clock that was read is too old to go by. What goes wrong is noticed when it is. */
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

  /** Callers that come meanwhile share one reading that began after the last was found to be old. */
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
      return planned === undefined || planned === "unkept" ? [] : [planned];
    });
  }

  #entry(
    { id, name }: StoredTarget,
    { instance, type }: ForwardedPart,
    { request, receivedAtMs, holdsFeed }: ReceivedRequest,
    place: number,
  ): Planned | "unkept" | undefined {
    const [{ cipher, whenFull, onKeyMissing }, secrets] = [this.#options, this.#secrets.get(id)];
    if (cipher === undefined || secrets === undefined) {
      onKeyMissing(name);
      return undefined;
    }
    if (request === undefined) return "unkept";
    const lane = { target: id, instance };
    const head = {
      receivedAtMs,
      type,
      webhookId: webhookId(Buffer.from(secrets.idKey, "base64"), instance, request.body),
    };
    const mayRefuse = holdsFeed && whenFull === "push_back";
    return { ...lane, place, receivedAtMs, mayRefuse, entry: packEntry(cipher, laneName(lane), head, request) };
  }

  /** @returns how many are done; fewer than all if the targets are others by now, or the time is to be looked at again */
  async #store(known: Known, planned: readonly Planned[], deadline: number, answers: Appended[]): Promise<number> {
    // Redis's clock was read at the latest when its answer came, so this is rather too early than too late.
    const untilMs = known.redisMs + (deadline - known.readAt);
    let done = 0;
    while (done < planned.length) {
      const some = firstGroups(planned, done);
      const verdict = this.#isRoomy(some) ? { stored: some, dropped: [], refused: [] } : await this.#judge(some);
      try {
        if (!(await this.#write(known.version, verdict, untilMs))) return done;
      } catch (error) {
        // Late, or one of the clocks was set: the next round reads Redis's again.
        if (error instanceof TooLateError && performance.now() < deadline) return done;
        throw error;
      }
      for (const { place } of verdict.refused) answers[place] = "full";
      done += some.length;
    }
    return done;
  }

  /**
   * Whether everything fits even if it all goes into one lane: then no lane has to be looked at first. Half of the room is left to what other
   * processes have put there meanwhile.
   */
  #isRoomy(planned: readonly Planned[]): boolean {
    if (this.#held === undefined || performance.now() - this.#held.at > CLOCK_TRUSTED_MS) return false;
    const { laneBytesMax, allBytesMax } = this.#options;
    const bytes = planned.reduce((sum, { entry }) => sum + entry.length, this.#held.bytes);
    return bytes <= Math.min(laneBytesMax, allBytesMax()) / 2;
  }

  async #judge(planned: readonly Planned[]): Promise<RoomVerdict> {
    const { laneBytesMax, allBytesMax } = this.#options;
    const at = performance.now();
    const room = await readRoom(this.#redis, this.#laneKeys, lanesOf(planned));
    this.#held = { bytes: room.allBytes, at };
    return judgeRoom(planned, { ...room, laneBytesMax, allBytesMax: allBytesMax() });
  }

  /** @returns `false`: the targets are others by now, and nothing is written */
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

  /** A lane that held something is awake already. @param lengths of the lanes by now */
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
