import { DEFAULT_GATEWAY, type Gateway, type Part, type Pseudonyms } from "@ticktally/gateways";
import { webhookLine } from "@ticktally/schemas";
import { timeSlices } from "@ticktally/telemetry";

export interface LineOptions {
  readonly gateway: Gateway;
  /** The instance whose token the sender has. */
  readonly own: string | undefined;
  /** `undefined`: chat ids are kept as they come. */
  readonly pseudonyms: Pseudonyms | undefined;
  /** Unix ms */
  readonly receivedAtMs: number;
}

/** What is queued of a part. */
export function lineOf(part: Part, { gateway, own, pseudonyms, receivedAtMs }: LineOptions): string {
  const tag = gateway === DEFAULT_GATEWAY ? {} : { gateway: gateway.name };
  const sender = part.instance === undefined && own !== undefined ? { sender: own } : {};
  return webhookLine({ receivedAtMs, text: gateway.withoutContent(part, pseudonyms), ...tag, ...sender });
}

/** The same of many parts, without holding up what else the process does. */
export async function linesInSlices(parts: readonly Part[], options: LineOptions): Promise<readonly string[]> {
  const pause = timeSlices();
  const lines: string[] = [];
  for (const part of parts) {
    lines.push(lineOf(part, options));
    await pause();
  }
  return lines;
}
