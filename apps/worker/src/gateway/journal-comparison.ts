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
import { webhookLine, type JournalEntry, type Pseudonyms, type StoryStatus } from "@ticktally/schemas";
import { FROM_JOURNAL } from "../normalise.ts";
import { isStory, repairOf, storyRepairOf, type Repair } from "./journal-webhooks.ts";

export interface ComparisonDeps {
  readonly messages: MessageReader;
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
    const kept = pseudonyms === undefined ? entries : entries.map((entry) => pseudonyms.journalEntry(entry));
    const messages = byMessage(await this.#countable(instance, kept, counts));
    const stories: Story[] = [];
    for (let from = 0; from < messages.length; from += MESSAGES_AT_ONCE)
      stories.push(...(await this.#feedChunk(instance, messages.slice(from, from + MESSAGES_AT_ONCE), counts)));
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
    const kept = pseudonyms === undefined ? statistic : statistic.map((status) => pseudonyms.storyStatus(status));
    const repair = storyRepairOf(instance, entry, kept, record, this.#seconds());
    counts.skipped += repair.skipped;
    if (repair.webhooks.length > 0 && wasKnown) {
      counts.known -= 1;
      counts.behind += 1;
    }
    await this.#put(instance, repair.webhooks);
  }

  async #feedChunk(
    instance: InstanceId,
    messages: readonly (readonly JournalEntry[])[],
    counts: ComparisonCounts,
  ): Promise<readonly Story[]> {
    const compared = await Promise.all(messages.map(async (entries) => this.#compare(instance, entries)));
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

  /** All that a journal says of one message: it may name it several times. */
  async #compare(instance: InstanceId, entries: readonly JournalEntry[]) {
    const [entry] = entries;
    if (entry === undefined) throw new RangeError("a message without an entry");
    const before = await this.#deps.messages.message(instance, entry.idMessage, entry.type);
    const repair = entries.reduce<Repair>(
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
    await queue.put(shardOf(instance, queue.shards), lines, receivedAtMs);
  }

  #seconds(): number {
    return Math.floor(this.#deps.now() / 1000);
  }
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
