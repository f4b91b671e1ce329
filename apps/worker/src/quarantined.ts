import { UnknownInstanceError, type InstanceId, type QuarantineReason } from "@ticktally/core";
import { DEFAULT_GATEWAY, gatewayNamed, type Pseudonyms } from "@ticktally/gateways";
import type { IndexedWebhook, QuarantineEntry } from "@ticktally/schemas";

interface Work {
  readonly instance: InstanceId;
  readonly items: readonly IndexedWebhook[];
}

/** The entries that a job puts into quarantine. */
export class Quarantined {
  readonly #entries = new Map<string, QuarantineEntry>();
  readonly #jobId: string;
  readonly #pseudonyms: Pseudonyms | undefined;

  /** @param pseudonyms `undefined`: chat ids are stored unchanged */
  constructor(jobId: string, pseudonyms: Pseudonyms | undefined) {
    this.#jobId = jobId;
    this.#pseudonyms = pseudonyms;
  }

  get entries(): readonly QuarantineEntry[] {
    return [...this.#entries.values()];
  }

  /** A webhook about several messages that is added again is one entry. */
  add(item: IndexedWebhook, reason: QuarantineReason, detail: string, instance: InstanceId | undefined): void {
    const { index, receivedAtMs, gateway } = item;
    // The receipt makes the id unique, because job ids start again in a new Redis.
    const id = `${String(receivedAtMs)}-${this.#jobId}-${String(index)}`;
    this.#entries.set(id, {
      id,
      reason,
      detail,
      receivedAtMs,
      text: this.#pseudonyms === undefined ? item.text : textWithPseudonyms(item, this.#pseudonyms),
      ...(gateway === undefined ? {} : { gateway }),
      ...(instance === undefined ? {} : { instance }),
    });
  }

  addUnknown(instance: InstanceId, items: readonly IndexedWebhook[]): void {
    for (const item of items) this.add(item, "unknown_instance", "the instance is not registered", instance);
  }

  addAll(works: readonly Work[], error: unknown): void {
    const detail = error instanceof Error ? error.message : "unknown";
    const reason = error instanceof UnknownInstanceError ? "unknown_instance" : "store_rejected";
    for (const { instance, items } of works) for (const item of items) this.add(item, reason, detail, instance);
  }

  addJob(data: unknown, receivedAtMs: number): void {
    const id = `job-${this.#jobId}`;
    const detail = "this version of the worker does not know the version of the job";
    const text = JSON.stringify(this.#pseudonyms?.masked({ data }) ?? { data });
    this.#entries.set(id, { id, reason: "job_unreadable", detail, receivedAtMs, text });
  }

  reasons(): readonly QuarantineReason[] {
    return [...new Set(this.entries.map(({ reason }) => reason))];
  }
}

function textWithPseudonyms({ gateway: name, text }: IndexedWebhook, pseudonyms: Pseudonyms): string {
  const gateway = name === undefined ? DEFAULT_GATEWAY : gatewayNamed(name);
  try {
    const [part] = gateway?.split(gateway.parse(text)) ?? [];
    if (gateway !== undefined && part !== undefined) return gateway.withoutContent(part, pseudonyms);
  } catch {
    // Not JSON.
  }
  return pseudonyms.maskedText(text);
}
