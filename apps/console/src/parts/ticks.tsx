import type { MessageStatus } from "@ticktally/core";
import { STATUS_WORDS } from "../format/words.ts";

const ONE = "M5 13l4 4L19 7";
const TWO = "M2 13l4 4L16 7M11 16l1 1L22 7";
const MICROPHONE = "M12 3a3 3 0 0 1 3 3v5a3 3 0 0 1-6 0V6a3 3 0 0 1 3-3zM6 11a6 6 0 0 0 12 0M12 17v4";
const CROSS = "M7 7l10 10M17 7L7 17";
const CLOCK = "M12 7v5l3 2M12 3a9 9 0 1 0 0 18 9 9 0 0 0 0-18z";

const SHAPES: Readonly<Record<MessageStatus, string>> = {
  pending: CLOCK,
  yellowCard: CLOCK,
  sent: ONE,
  delivered: TWO,
  read: TWO,
  played: MICROPHONE,
  failed: CROSS,
  noAccount: CROSS,
  notInGroup: CROSS,
  noActiveSession: CROSS,
};

/** The drawing alone: one tick sent, two delivered, coloured read, as WhatsApp draws them. */
export function TickShape({ status }: { readonly status: MessageStatus }) {
  return (
    <svg class="icon" width="18" height="18" viewBox="0 0 24 24" aria-hidden="true">
      <path d={SHAPES[status]} />
    </svg>
  );
}

/** A status with its word. */
export function Ticks({ status }: { readonly status: MessageStatus }) {
  const { title, colour } = STATUS_WORDS[status];
  return (
    <span class="ticks" style={{ color: `var(${colour})` }}>
      <TickShape status={status} />
      <span>{title}</span>
    </span>
  );
}
