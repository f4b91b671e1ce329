/** Statuses of an outgoing message, in our words. */
export type Status = "yellowCard" | "sent" | "delivered" | "read" | "played" | Failure;
type Failure = "failed" | "noAccount" | "notInGroup" | "noActiveSession";

/** One thing that happens to a message. */
export interface SimulatedEvent {
  readonly what: "observation" | Status;
  /** Unix seconds */
  readonly at: number;
  /** The gateway's text for a failure, and the reason it means. */
  readonly description?: string;
  readonly reason?: string;
  /** The gateway's error code, if it has one. */
  readonly code?: number;
}

/** A message with everything that will ever happen to it. */
export interface SimulatedMessage {
  readonly id: string;
  readonly direction: "incoming" | "outgoing";
  /** Who sent it; only for an outgoing one. */
  readonly origin: "api" | "phone" | undefined;
  readonly chatId: string;
  readonly isGroup: boolean;
  /** The gateway's word for its type, and ours. */
  readonly typeMessage: string;
  readonly type: string;
  /** Whether it is an edit, a deletion or a reaction, and not a message. */
  readonly isAction: boolean;
  /** Only if its gateway reports prices. */
  readonly priceCategory?: "marketing" | "utility";
  /** The campaign it belongs to. */
  readonly label?: string;
  readonly events: readonly SimulatedEvent[];
  /** For each event the times its webhook is sent, Unix ms: none if it is lost, two if it is repeated. */
  readonly sendings: readonly (readonly number[])[];
}
