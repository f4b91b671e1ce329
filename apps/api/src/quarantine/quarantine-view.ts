import { parseJsonText } from "@ticktally/gateways";
import type { QuarantineEntry, QuarantineView } from "@ticktally/schemas";

/** An entry without its webhook, which may hold phone numbers and texts. */
export function quarantineView({ id, reason, detail, instance, receivedAtMs }: QuarantineEntry): QuarantineView {
  return { id, reason, detail, idInstance: instance ?? null, receivedAt: new Date(receivedAtMs).toISOString() };
}

/** A quarantined webhook for people: JSON with secrets masked, or the text if it is not JSON. */
export function webhookView(text: string): unknown {
  try {
    const masked = JSON.stringify(parseJsonText(text), (key, value: unknown) => (SECRET.test(key) ? "***" : value));
    return JSON.parse(masked);
  } catch {
    return text;
  }
}

const SECRET = /token|secret|password|authori[sz]ation|api_?key/i;
