import {
  chatKind,
  normaliseChatId,
  shardOf,
  type InstanceId,
  type MessageReader,
  type MessageRecord,
  type SettingsStore,
  type WebhookQueue,
} from "@ticktally/core";
import { timeSlices } from "@ticktally/telemetry";
import { webhookLine, type JournalEntry, type Pseudonyms, type StoryStatus } from "@ticktally/schemas";
import { FROM_JOURNAL } from "../normalise.ts";
import { isStory, repairOf, storyRepairOf, type Repair } from "./journal-webhooks.ts";

export interface ComparisonDeps {
  readonly messages: Pick<MessageReader, "message">;
  readonly settings: Pick<SettingsStore, "settings">;
  readonly queue: WebhookQueue;
  /** `undefined`: chat ids are kept as they come. */
  readonly pseudonyms: Pseudonyms | undefined;
  /** Records are kept at least so long after their last event. */
  readonly retentionDays: number;
  /** Unix ms */
  readonly now: () => number;
}

export interface ComparisonCounts {
  checked: number;
  missing: number;
  behind: number;
  known: number;
  skipped: number;
}

export function noCounts(): ComparisonCounts {
  return { checked: 0, missing: 0, behind: 0, known: 0, skipped: 0 };
}

export interface Story {
  readonly entry: JournalEntry;
  readonly record: MessageRecord | undefined;
  /** Whether the entry itself told something new. */
  readonly wasKnown: boolean;
}

const MESSAGES_AT_ONCE = 200;
/** A message is named twice if it is one to oneself; each time costs as much as a webhook. */
const ENTRIES_A_MESSAGE = 20;
/** Twice as many as are kept of a message's recipients. */
const STORY_RECIPIENTS_MAX = 2_000;
/** Each may cost a millisecond where a story has a thousand. */
const STORY_RECIPIENTS_AT_ONCE = 20;
/** As in ingest's batches. */
const BATCH_LINES = 500;
const BATCH_CHARS = 512 * 1024;

/** Compares journals with what is known, and puts what is not into the webhooks' queue: from there on it is a webhook like others. */
export class JournalComparison {
  readonly #deps: ComparisonDeps;

  constructor(deps: ComparisonDeps) {
    this.#deps = deps;
  }

  /**
   * @param counts added to as it goes on, so that a run that breaks off tells what it did
   * @returns the stories among them
   * @throws {StoreUnavailableError}
   */
  async feed(
    instance: InstanceId,
    entries: readonly JournalEntry[],
    counts: ComparisonCounts,
  ): Promise<readonly Story[]> {
    const { pseudonyms } = this.#deps;
    const pause = timeSlices();
    const kept: JournalEntry[] = [];
    for (const entry of entries) {
      kept.push(pseudonyms?.journalEntry(entry) ?? entry);
      await pause();
    }
    const messages = byMessage(await this.#countable(instance, kept, counts));
    const stories: Story[] = [];
    for (let from = 0; from < messages.length; from += MESSAGES_AT_ONCE) {
      const chunk = messages.slice(from, from + MESSAGES_AT_ONCE);
      stories.push(...(await this.#feedChunk(instance, chunk, counts, pause)));
    }
    return stories;
  }

  /** Who saw a story. */
  async feedStory(
    instance: InstanceId,
    { entry, record, wasKnown }: Story,
    statistic: readonly StoryStatus[],
    counts: ComparisonCounts,
  ): Promise<void> {
    const { pseudonyms } = this.#deps;
    const pause = timeSlices();
    const webhooks: object[] = [];
    let [now, left] = [record, STORY_RECIPIENTS_MAX];
    for (const status of statistic) {
      const participants = status.participant.slice(0, left);
      left -= participants.length;
      counts.skipped += status.participant.length - participants.length;
      for (let from = 0; from < participants.length; from += STORY_RECIPIENTS_AT_ONCE) {
        const some = { ...status, participant: participants.slice(from, from + STORY_RECIPIENTS_AT_ONCE) };
        const kept = pseudonyms?.storyStatus(some) ?? some;
        const repair = storyRepairOf(instance, entry, [kept], now, this.#seconds());
        counts.skipped += repair.skipped;
        webhooks.push(...repair.webhooks);
        now = repair.record;
        await pause();
      }
    }
    if (webhooks.length > 0 && wasKnown) {
      counts.known -= 1;
      counts.behind += 1;
    }
    await this.#put(instance, webhooks);
  }

  async #feedChunk(
    instance: InstanceId,
    messages: readonly (readonly JournalEntry[])[],
    counts: ComparisonCounts,
    pause: () => Promise<void> | undefined,
  ): Promise<readonly Story[]> {
    const known = await Promise.all(messages.map(async (entries) => this.#known(instance, entries)));
    const compared: Comparison[] = [];
    for (const message of known) {
      compared.push(this.#compare(instance, message, counts));
      await pause();
    }
    await this.#put(
      instance,
      compared.flatMap(({ repair }) => repair.webhooks),
    );
    for (const { before, repair } of compared) {
      counts.checked += 1;
      counts.skipped += repair.skipped;
      // Nothing usable was told of a message nobody knows: it is skipped, not known.
      if (repair.webhooks.length > 0) counts[before === undefined ? "missing" : "behind"] += 1;
      else if (before !== undefined) counts.known += 1;
    }
    return compared.flatMap(({ entry, repair }) =>
      isStory(entry) ? [{ entry, record: repair.record, wasKnown: repair.webhooks.length === 0 }] : [],
    );
  }

  async #known(instance: InstanceId, entries: readonly JournalEntry[]): Promise<KnownMessage> {
    const [entry] = entries;
    if (entry === undefined) throw new RangeError("a message without an entry");
    return { entry, entries, before: await this.#deps.messages.message(instance, entry.idMessage, entry.type) };
  }

  /** All that a journal says of one message: it may name it several times. */
  #compare(instance: InstanceId, { entry, entries, before }: KnownMessage, counts: ComparisonCounts): Comparison {
    counts.skipped += Math.max(0, entries.length - ENTRIES_A_MESSAGE);
    const repair = entries.slice(0, ENTRIES_A_MESSAGE).reduce<Repair>(
      (all, one) => {
        const next = repairOf(instance, one, all.record, this.#seconds());
        return { ...next, webhooks: [...all.webhooks, ...next.webhooks], skipped: all.skipped + next.skipped };
      },
      { webhooks: [], record: before, skipped: 0 },
    );
    return { entry, before, repair };
  }

  /**
   * Without what is not to be recorded, and without what is so old that its record may be gone: whether that was counted
   * nobody can say any more, and nothing is counted twice.
   */
  async #countable(
    instance: InstanceId,
    entries: readonly JournalEntry[],
    counts: ComparisonCounts,
  ): Promise<readonly JournalEntry[]> {
    const [settings] = await this.#deps.settings.settings([instance]);
    const wanted = entries.filter((entry) => !(settings?.ignoreGroupMessages === true && isInGroup(entry)));
    const oldest = this.#seconds() - this.#deps.retentionDays * 86_400;
    const young = wanted.filter(({ timestamp }) => timestamp >= oldest);
    counts.skipped += wanted.length - young.length;
    return young;
  }

  async #put(instance: InstanceId, webhooks: readonly object[]): Promise<void> {
    if (webhooks.length === 0) return;
    const { queue, now } = this.#deps;
    const receivedAtMs = now();
    const lines = webhooks.map((webhook) =>
      webhookLine({ receivedAtMs, text: JSON.stringify({ ...webhook, [FROM_JOURNAL]: true }) }),
    );
    const shard = shardOf(instance, queue.shards);
    for (const batch of batchesOf(lines)) await queue.put(shard, batch, receivedAtMs);
  }

  #seconds(): number {
    return Math.floor(this.#deps.now() / 1000);
  }
}

/** An entry, all entries of its message, and what is known of that. */
interface KnownMessage {
  readonly entry: JournalEntry;
  readonly entries: readonly JournalEntry[];
  readonly before: MessageRecord | undefined;
}

interface Comparison extends Pick<KnownMessage, "entry" | "before"> {
  readonly repair: Repair;
}

function batchesOf(lines: readonly string[]): readonly (readonly string[])[] {
  const batches: string[][] = [];
  let chars = Infinity;
  for (const line of lines) {
    chars += line.length;
    const last = batches.at(-1);
    if (last !== undefined && last.length < BATCH_LINES && chars <= BATCH_CHARS) last.push(line);
    else {
      batches.push([line]);
      chars = line.length;
    }
  }
  return batches;
}

function isInGroup({ chatId }: JournalEntry): boolean {
  const normalised = normaliseChatId(chatId ?? "");
  return normalised !== undefined && chatKind(normalised) === "group";
}

/** A message to oneself is in both journals, under one id. */
function byMessage(entries: readonly JournalEntry[]): readonly (readonly JournalEntry[])[] {
  const messages = new Map<string, JournalEntry[]>();
  for (const entry of entries) {
    const key = `${entry.type} ${entry.idMessage}`;
    const told = messages.get(key);
    if (told === undefined) messages.set(key, [entry]);
    else told.push(entry);
  }
  return [...messages.values()];
}
