import { z } from "zod";

/** What a BullMQ job carries. One packed string costs BullMQ and both ends least (a job is one JSON string in Redis). */
export const webhookJob = z.object({
  /** Raise it when the shape changes; a worker must read every version that may still be queued. */
  v: z.literal(1),
  /** A webhook a line: receipt in Unix ms, a space, its JSON on one line. */
  lines: z.string(),
});
export type WebhookJob = z.infer<typeof webhookJob>;

export interface QueuedWebhook {
  readonly receivedAtMs: number;
  /** JSON, of which content that nothing reads was dropped. */
  readonly text: string;
}

/** @param text JSON; between tokens it may hold line breaks, inside strings JSON allows none */
export function webhookLine({ receivedAtMs, text }: QueuedWebhook): string {
  return `${String(receivedAtMs)} ${/[\r\n]/.test(text) ? text.replace(/[\r\n]+/g, " ") : text}`;
}

export function webhookJobOf(lines: readonly string[]): WebhookJob {
  return { v: 1, lines: lines.join("\n") };
}

/** @throws {z.ZodError} not a job of a version we know */
export function webhooksOf(job: unknown): readonly QueuedWebhook[] {
  return webhookJob
    .parse(job)
    .lines.split("\n")
    .map((line) => {
      const space = line.indexOf(" ");
      return { receivedAtMs: Number(line.slice(0, space)), text: line.slice(space + 1) };
    });
}
