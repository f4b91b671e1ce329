import {
  shardOf,
  type InstanceId,
  type MessageReader,
  type MessageRecord,
  type SettingsStore,
  type WebhookQueue,
} from "@ticktally/core";
import { timeSlices } from "@ticktally/telemetry";
import {
  DEFAULT_GATEWAY,
  gatewayOf,
  type Gateway,
  type JournalEntry,
  type Pseudonyms,
  type RecipientStatus,
} from "@ticktally/gateways";
import { batchesOf, webhookLine } from "@ticktally/schemas";
import { recipientsRepairOf, repairOf, type Repair } from "./journal-repair.ts";

export interface ComparisonDeps {
  readonly messages: Pick<MessageReader, "message">;
  readonly settings: Pick<SettingsStore, "settings">;
  readonly queue: WebhookQueue;
  /** `undefined`: chat ids are stored unchanged. */
  readonly pseudonyms: Pseudonyms | undefined;
  /** Records are kept at least this long after their last event. */
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

/** A message whose recipients' statuses the gateway reports separately. */
export interface ManyRecipients {
  readonly entry: JournalEntry;
  readonly record: MessageRecord | undefined;
  /** Whether the entry itself reported something new. */
  readonly wasKnown: boolean;
}

const MESSAGES_AT_ONCE = 200;
/** A message to oneself is listed twice; each entry costs as much as a webhook. */
const ENTRIES_A_MESSAGE = 20;
/** Twice as many as are kept of a message's recipients. */
const RECIPIENTS_MAX = 2_000;
/** Each may cost a millisecond where a message has a thousand. */
const RECIPIENTS_AT_ONCE = 20;

/** Compares journals with what is known, and puts missing events into the webhooks' queue, where they are webhooks like any other. */
export class JournalComparison {
  readonly #deps: ComparisonDeps;

  constructor(deps: ComparisonDeps) {
    this.#deps = deps;
  }

  /**
   * @param counts updated continuously, so an aborted run reports what it did
   * @param entries with pseudonyms, if enabled
   * @returns the messages whose recipients must be requested separately
   * @throws {StoreUnavailableError}
   */
  async feed(
    instance: InstanceId,
    entries: readonly JournalEntry[],
    counts: ComparisonCounts,
  ): Promise<readonly ManyRecipients[]> {
    const gateway = gatewayOf(instance);
    if (gateway === undefined) return [];
    const pause = timeSlices();
    const messages = byMessage(await this.#countable(instance, entries, counts));
    const found: ManyRecipients[] = [];
    for (let from = 0; from < messages.length; from += MESSAGES_AT_ONCE) {
      const chunk = messages.slice(from, from + MESSAGES_AT_ONCE);
      found.push(...(await this.#feedChunk(gateway, instance, chunk, counts, pause)));
    }
    return found;
  }

  /** Compare the statuses of one message's recipients. */
  async feedRecipients(
    instance: InstanceId,
    { entry, record: before, wasKnown }: ManyRecipients,
    statuses: readonly RecipientStatus[],
    counts: ComparisonCounts,
  ): Promise<void> {
    const gateway = gatewayOf(instance);
    if (gateway === undefined) return;
    const { pseudonyms } = this.#deps;
    const pause = timeSlices();
    const webhooks: string[] = [];
    let [record, left] = [before, RECIPIENTS_MAX];
    for (const status of statuses) {
      const chatIds = status.chatIds.slice(0, left);
      left -= chatIds.length;
      counts.skipped += status.chatIds.length - chatIds.length;
      for (let from = 0; from < chatIds.length; from += RECIPIENTS_AT_ONCE) {
        const some = chatIds.slice(from, from + RECIPIENTS_AT_ONCE);
        const kept = { ...status, chatIds: some.map((chatId) => pseudonyms?.chat(chatId) ?? chatId) };
        const repair = recipientsRepairOf(entry, kept, { gateway, instance, record, now: this.#seconds() });
        counts.skipped += repair.skipped;
        webhooks.push(...repair.webhooks);
        record = repair.record;
        await pause();
      }
    }
    if (webhooks.length > 0 && wasKnown) {
      counts.known -= 1;
      counts.behind += 1;
    }
    await this.#put(gateway, instance, webhooks);
  }

  async #feedChunk(
    gateway: Gateway,
    instance: InstanceId,
    messages: readonly (readonly JournalEntry[])[],
    counts: ComparisonCounts,
    pause: () => Promise<void> | undefined,
  ): Promise<readonly ManyRecipients[]> {
    const known = await Promise.all(messages.map(async (entries) => this.#known(instance, entries)));
    const compared: Comparison[] = [];
    for (const message of known) {
      compared.push(this.#compare(gateway, instance, message, counts));
      await pause();
    }
    await this.#put(
      gateway,
      instance,
      compared.flatMap(({ repair }) => repair.webhooks),
    );
    for (const { before, repair } of compared) {
      counts.checked += 1;
      counts.skipped += repair.skipped;
      // Nothing usable was reported about an unknown message, so it counts as skipped.
      if (repair.webhooks.length > 0) counts[before === undefined ? "missing" : "behind"] += 1;
      else if (before !== undefined) counts.known += 1;
    }
    return compared.flatMap(({ entry, repair }) =>
      gateway.upstream?.recipients.isAskedFor(entry) === true
        ? [{ entry, record: repair.record, wasKnown: repair.webhooks.length === 0 }]
        : [],
    );
  }

  async #known(instance: InstanceId, entries: readonly JournalEntry[]): Promise<KnownMessage> {
    const [entry] = entries;
    if (entry === undefined) throw new RangeError("a message without an entry");
    const chatId = entry.chatScoped === true ? entry.chatId : undefined;
    const before = await this.#deps.messages.message(instance, entry.idMessage, entry.direction, chatId);
    return { entry, entries, before };
  }

  /** Everything a journal says about one message, which it may list several times. */
  #compare(
    gateway: Gateway,
    instance: InstanceId,
    { entry, entries, before }: KnownMessage,
    counts: ComparisonCounts,
  ): Comparison {
    counts.skipped += Math.max(0, entries.length - ENTRIES_A_MESSAGE);
    const repair = entries.slice(0, ENTRIES_A_MESSAGE).reduce<Repair>(
      (all, one) => {
        const next = repairOf(one, { gateway, instance, record: all.record, now: this.#seconds() });
        return { ...next, webhooks: [...all.webhooks, ...next.webhooks], skipped: all.skipped + next.skipped };
      },
      { webhooks: [], record: before, skipped: 0 },
    );
    return { entry, before, repair };
  }

  /**
   * Without entries that are not to be recorded, and without entries so old that their records may have expired: it is unknown whether
   * those were counted, and nothing may be counted twice.
   */
  async #countable(
    instance: InstanceId,
    entries: readonly JournalEntry[],
    counts: ComparisonCounts,
  ): Promise<readonly JournalEntry[]> {
    const [settings] = await this.#deps.settings.settings([instance]);
    const wanted = entries.filter((entry) => !(settings?.ignoreGroupMessages === true && entry.chatKind === "group"));
    const oldest = this.#seconds() - this.#deps.retentionDays * 86_400;
    const young = wanted.filter(({ at }) => at >= oldest);
    counts.skipped += wanted.length - young.length;
    return young;
  }

  async #put(gateway: Gateway, instance: InstanceId, webhooks: readonly string[]): Promise<void> {
    if (webhooks.length === 0) return;
    const { queue, now } = this.#deps;
    const receivedAtMs = now();
    const tag = gateway === DEFAULT_GATEWAY ? {} : { gateway: gateway.name };
    const lines = webhooks.map((text) => webhookLine({ receivedAtMs, text, ...tag }));
    const shard = shardOf(instance, queue.shards);
    for (const batch of batchesOf(lines)) await queue.put(shard, batch, receivedAtMs);
  }

  #seconds(): number {
    return Math.floor(this.#deps.now() / 1000);
  }
}

/** An entry, all entries of its message, and the known message. */
interface KnownMessage {
  readonly entry: JournalEntry;
  readonly entries: readonly JournalEntry[];
  readonly before: MessageRecord | undefined;
}

interface Comparison extends Pick<KnownMessage, "entry" | "before"> {
  readonly repair: Repair;
}

/** A message to oneself is in both journals, under one id. */
function byMessage(entries: readonly JournalEntry[]): readonly (readonly JournalEntry[])[] {
  const messages = new Map<string, JournalEntry[]>();
  for (const entry of entries) {
    const chat = entry.chatScoped === true ? `${entry.chatId ?? ""} ` : "";
    const key = `${entry.direction} ${chat}${entry.idMessage}`;
    const known = messages.get(key);
    if (known === undefined) messages.set(key, [entry]);
    else known.push(entry);
  }
  return [...messages.values()];
}
