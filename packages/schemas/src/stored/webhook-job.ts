import type { InstanceId } from "@ticktally/core";
import { z } from "zod";

/** The data of a BullMQ job. One packed string costs BullMQ and both ends least (a job is one JSON string in Redis). */
export const webhookJob = z.object({
  /** Raise it when the shape changes. Workers must read every version that may still be queued. */
  v: z.literal(1),
  /**
   * One webhook per line: receipt in Unix ms, a space, `#` with its gateway and a space if that is not the default one, `@` with its sender
   * and a space if it does not name that itself, its JSON on one line.
   */
  lines: z.string(),
});
export type WebhookJob = z.infer<typeof webhookJob>;

export interface QueuedWebhook {
  readonly receivedAtMs: number;
  /** By its name; none for the default one. */
  readonly gateway?: string | undefined;
  /** JSON without content that no code reads. */
  readonly text: string;
  /** The instance whose token or feed it came by, if the webhook does not name it: it may not speak for another. */
  readonly sender?: InstanceId | undefined;
}

/** A webhook and its position in its job. */
export interface IndexedWebhook extends QueuedWebhook {
  readonly index: number;
}

/** @param text JSON; it may have line breaks between tokens, and JSON allows none inside strings */
export function webhookLine({ receivedAtMs, gateway, text, sender }: QueuedWebhook): string {
  const tag = gateway === undefined ? "" : `#${gateway} `;
  const from = sender === undefined ? "" : `@${sender} `;
  return `${String(receivedAtMs)} ${tag}${from}${/[\r\n]/.test(text) ? text.replace(/[\r\n]+/g, " ") : text}`;
}

export function webhookJobOf(lines: readonly string[]): WebhookJob {
  return { v: 1, lines: lines.join("\n") };
}

/** @throws {z.ZodError} if it is not a job of a known version */
export function webhooksOf(job: unknown): readonly IndexedWebhook[] {
  return webhookJob.parse(job).lines.split("\n").map(webhookOf);
}

/** One object, always of the same shape, because every webhook passes here. */
function webhookOf(line: string, index: number): IndexedWebhook {
  let from = line.indexOf(" ") + 1;
  const receivedAtMs = Number(line.slice(0, from - 1));
  let gateway: string | undefined;
  let sender: InstanceId | undefined;
  // JSON never begins with either mark.
  if (line[from] === "#") {
    const end = line.indexOf(" ", from);
    gateway = line.slice(from + 1, end);
    from = end + 1;
  }
  if (line[from] === "@") {
    const end = line.indexOf(" ", from);
    sender = line.slice(from + 1, end);
    from = end + 1;
  }
  return { index, receivedAtMs, gateway, text: line.slice(from), sender };
}
