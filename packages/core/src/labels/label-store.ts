import type { InstanceId } from "../instances/instance-id.ts";

/** What to label. @property chatId only the message of this chat, for gateways whose ids are unique only within a chat */
export interface LabelledId {
  readonly idMessage: string;
  readonly chatId?: string | undefined;
}

/** Why no message was labelled, or how many known messages have the label now. */
export type Labelling =
  | { readonly labelled: number; readonly refusal?: undefined }
  | { readonly refusal: "too_many_labels" | "too_many_of_message" | "too_many_waiting" };

export interface LabelTotal {
  readonly label: string;
  /** Outgoing messages that have it. */
  readonly messages: number;
}

/** @param slot see `label-counts.ts`; a count may be negative if another part of it is read as well */
export type TakeLabelCount = (label: string, hour: number, slot: number, count: number) => void;

export interface LabelStore {
  /**
   * Give a label to outgoing messages. An id that is not known yet gets it with its first event. Repeating the call does nothing. All or
   * nothing: a call that is not refused is completed, if necessary by another process.
   * @param ids at most `LABELLED_AT_ONCE_MAX`; an id without a chat means all its messages
   * @throws {UnknownInstanceError} it was deleted meanwhile
   * @throws {StoreUnavailableError} nothing is done, or all will be
   */
  label(instance: InstanceId, label: string, ids: readonly LabelledId[]): Promise<Labelling>;
  /** Take a label off all messages. The name can then be used for a new label. @returns whether it existed */
  deleteLabel(instance: InstanceId, label: string): Promise<boolean>;
  /** Finish what a process that stopped had begun with an instance's labels. */
  finish(instance: InstanceId): Promise<void>;
  /** The same for all instances. An instance that cannot be read does not stop the others. @throws the first error */
  finishAll(): Promise<void>;
  /** All labels, by name. */
  labels(instance: InstanceId): Promise<readonly LabelTotal[]>;
  /** The numbers of labels in records, by name. */
  labelNumbers(instance: InstanceId): Promise<ReadonlyMap<string, number>>;
  /** Counts by label and hour, both ends included. */
  eachLabelCount(instance: InstanceId, from: number, to: number, take: TakeLabelCount): Promise<void>;
}
