import type { InstanceId } from "../instances/instance-id.ts";

/** What to label. @property chatId only the message of this chat, where the gateway's ids are unique within a chat only */
export interface LabelledId {
  readonly idMessage: string;
  readonly chatId?: string | undefined;
}

/** Why a label was not set on any of the messages, or how many that are known have it now. */
export type Labelling =
  | { readonly labelled: number; readonly refusal?: undefined }
  | { readonly refusal: "too_many_labels" | "too_many_of_message" | "too_many_waiting" };

export interface LabelTotal {
  readonly label: string;
  /** Outgoing messages that have it. */
  readonly messages: number;
}

/** @param slot as `label-counts.ts` tells; a count may be negative, where another part of it is read besides */
export type TakeLabelCount = (label: string, hour: number, slot: number, count: number) => void;

export interface LabelStore {
  /**
   * Give a label to outgoing messages, known or not: one that is not known yet has it once its first event comes. Repeated, it does nothing.
   * All or nothing: what is not refused is done, if need be by another process.
   * @param ids at most `LABELLED_AT_ONCE_MAX`; of one without a chat all its messages
   * @throws {UnknownInstanceError} it was deleted meanwhile
   * @throws {StoreUnavailableError} nothing is done, or all will be
   */
  label(instance: InstanceId, label: string, ids: readonly LabelledId[]): Promise<Labelling>;
  /** Take a label off all messages; of the same name another one may be made. @returns whether there was one */
  deleteLabel(instance: InstanceId, label: string): Promise<boolean>;
  /** Finish what a process that ended had begun with an instance's labels. */
  finish(instance: InstanceId): Promise<void>;
  /** The same for all instances: one that cannot be read does not keep the others from it. @throws the first error */
  finishAll(): Promise<void>;
  /** All labels, by name. */
  labels(instance: InstanceId): Promise<readonly LabelTotal[]>;
  /** The numbers of labels in records, by name. */
  labelNumbers(instance: InstanceId): Promise<ReadonlyMap<string, number>>;
  /** Counts by label and hour, both ends included. */
  eachLabelCount(instance: InstanceId, from: number, to: number, take: TakeLabelCount): Promise<void>;
}
